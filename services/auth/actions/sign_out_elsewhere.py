"""Somebody has signed out at the Reseller Portal, which says so (Back-Channel Logout 1.0)."""

from services.auth.actions.end_session import end_all
from services.auth.actions.federation import asking, issuer_of
from services.auth.deps import Deps
from services.auth.domain.federation import FederationRefusedError, LogoutRefusedError
from shared.outbox import Transaction


async def sign_out_elsewhere(deps: Deps, logout_token: str) -> None:
    """End every session of the account whose owner has signed out at the Reseller Portal.

    The token is used up in the same act: where that fails, it may be sent again.
    """
    issuer = issuer_of(deps)
    try:
        async with asking():
            subject, token_id = await issuer.logged_out(logout_token, deps.now())
    except FederationRefusedError as error:
        raise LogoutRefusedError from error

    async def work(tx: Transaction) -> None:
        if not await deps.spent.spend("logout", token_id, deps.now(), tx):
            raise LogoutRefusedError
        account = await deps.accounts.find_elsewhere(issuer.client.issuer, subject, tx)
        if account is not None:
            await end_all(deps, account, "signed_out_elsewhere", tx)

    await deps.transact(work)
