"""Managing a licence: every verb is one rule, kept in one act with its line in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import structlog

from services.licensing.actions.confirm import confirm
from services.licensing.actions.ledger import enter
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import Licence, Whose
from services.licensing.domain.orders import UnknownCustomerError
from services.licensing.domain.sales import TrialUsedError
from services.licensing.domain.sandbox import now_of
from shared.errors import NotFoundError, PreconditionError
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()

_TO: Final = "#/body/tenant_id"
Rule: TypeAlias = Callable[[Licence, datetime], Licence]


@dataclass(frozen=True)
class Change:
    """What somebody wants done to a licence."""

    act: Act
    rule: Rule
    reason: str | None = None
    was: int | None = None
    """The version that it must still have, where the caller named one."""


async def change_licence(deps: Deps, whose: Whose, licence_id: str, change: Change) -> Licence:
    """The licence after the change; the same one where it is so already."""

    async def act(transaction: Transaction) -> Licence:
        session = transaction.session
        licence = await deps.licences.find(whose, licence_id, session)
        if licence is None:
            raise NotFoundError
        if change.was is not None and licence.version != change.was:
            raise PreconditionError
        changed = change.rule(licence, now_of(licence, deps.now()))
        if changed == licence:
            return licence
        if changed.tenant_id != licence.tenant_id:
            if not await deps.tenants.hold(licence.reseller_id, changed.tenant_id, session):
                raise UnknownCustomerError(pointer=_TO)
            until = deps.now() + deps.file_rules.life
            await deps.revocations.move(
                licence.id, licence.tenant_id, changed.tenant_id, until, session
            )
        kept = await enter(deps, change.act, licence, changed, transaction, reason=change.reason)
        await confirm(deps, change.act, licence, kept, transaction, reason=change.reason)
        return kept

    changed = await deps.transact(act)
    log.info("licence_changed", licence_id=licence_id, act=change.act)
    return changed


async def transfer_licence(
    deps: Deps, whose: Whose, licence_id: str, tenant_id: str, change: Change
) -> Licence:
    """Give a licence to another customer of the same reseller."""
    if whose.only is not None and tenant_id not in whose.only:
        raise UnknownCustomerError(pointer=_TO)
    try:
        return await change_licence(deps, whose, licence_id, change)
    except DuplicateKeyError as error:
        raise TrialUsedError from error
