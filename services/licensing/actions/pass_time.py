"""Noticing what time has done to licences, and telling whoever should know of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from services.licensing.actions.ledger import enter
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import Licence, Whose
from services.licensing.domain.moments import (
    end_to_announce,
    has_passed,
    next_moment,
    seats_to_announce,
)
from services.licensing.domain.sandbox import now_of
from shared.context import Cause, begin
from shared.ids import new_id
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()
_CLAIM: Final = timedelta(minutes=1)
"""How long a replica has a licence to itself; another one takes over where it died."""


async def pass_time(deps: Deps) -> None:
    """Notice all that is due; the work grows with that, and replicas share it."""
    sweep = Sweep()
    while True:
        now = deps.now()
        licence = await deps.licences.claim_due(now, now + _CLAIM)
        if licence is None:
            return
        begin(Cause(new_id()), job="pass_time")
        with sweep.over(licence.id):
            await _notice(deps, licence)


async def _notice(deps: Deps, claimed: Licence) -> None:
    whose = Whose(reseller_id=claimed.reseller_id)

    async def act(transaction: Transaction) -> None:
        session = transaction.session
        licence = await deps.licences.find(whose, claimed.id, session)
        if licence is None:
            return
        due_at, now = next_moment(licence), now_of(licence, deps.now())
        if due_at is None or due_at > now:
            return  # changed or noticed by somebody else meanwhile
        name = await deps.tenants.name_of(licence.tenant_id, session)
        announced = end_to_announce(licence, name, now)
        noticed = replace(licence, noticed_at=now)
        if has_passed(licence, now):
            noticed = await enter(deps, Act.PASSED, licence, noticed, transaction)
        else:
            await deps.licences.notice(noticed, session)
        if announced is not None:
            transaction.publish(announced, sequence=noticed.version)

    await deps.transact(act)
    log.info("licence_noticed", licence_id=claimed.id)


async def announce_seats(deps: Deps, licence: Licence, used: int, transaction: Transaction) -> None:
    """Tell that the seats run out, in the act that takes one; each share is told once."""
    name = await deps.tenants.name_of(licence.tenant_id, transaction.session)
    announced = seats_to_announce(licence, used, name)
    if announced is not None:
        told = replace(licence, announced_share=announced.share)
        await deps.licences.notice(told, transaction.session)
        transaction.publish(announced, sequence=licence.version)
