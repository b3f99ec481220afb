"""What a reseller's people made in a tenant ends where they could not make it any more.

An API key and an open invitation go on without whoever gave them out. So they end when the customer
narrows its reseller, and with an access for a time.
"""

from collections.abc import Set as AbstractSet
from typing import Final

from services.auth.actions.api_keys import revoke_keys_of
from services.auth.deps import Deps
from shared.access import READS, Permission
from shared.contracts.tenancy import AccessEnded, DelegationChanged
from shared.outbox import Transaction

_LEFT: Final[dict[str, AbstractSet[str]]] = {"full": frozenset(Permission), "read_only": READS}
"""The most that anybody of the reseller may do inside, by level; at any other level nothing."""


async def follow_delegation(
    deps: Deps, changed: DelegationChanged, sequence: int, tx: Transaction
) -> None:
    if await deps.delegations.note(changed.tenant_id, changed.level, sequence, tx):
        await _end_what_is_beyond(deps, changed.tenant_id, changed.reseller_id, changed.level, tx)


async def follow_end_of_access(deps: Deps, ended: AccessEnded, tx: Transaction) -> None:
    level = await deps.delegations.level_in(ended.tenant_id, tx)
    await _end_what_is_beyond(deps, ended.tenant_id, ended.reseller_id, level, tx)


async def _end_what_is_beyond(
    deps: Deps, tenant: str, reseller: str, level: str, tx: Transaction
) -> None:
    left = _LEFT.get(level, frozenset())
    await revoke_keys_of(deps, tenant, reseller, tx, beyond=left)
    if Permission.USER_MANAGE not in left:
        await deps.links.kill_given_by(tenant, reseller, tx)
