"""What ends in a tenant when its reseller loses it."""

from services.auth.actions.api_keys import revoke_keys_of
from services.auth.deps import Deps
from shared.outbox import Transaction


async def end_what_was_given(deps: Deps, tenant_id: str, giver: str, tx: Transaction) -> None:
    """The open invitations and the API keys that the former reseller's people made there.

    Whatever the reseller itself is signed in to, or has keys of its own for, leads nowhere any
    more: the gateways ask anew how it stands to the tenant.
    """
    await deps.links.kill_given_by(tenant_id, giver, tx)
    await revoke_keys_of(deps, tenant_id, giver, tx)
