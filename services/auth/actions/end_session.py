"""Ending sessions: one, the own ones, or all of an account together with what ends them."""

from services.auth.actions.org_settings import limits_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.sessions import Session, SessionEndedError
from shared.contracts.auth import SessionRevoked
from shared.errors import NotFoundError
from shared.outbox import Transaction


async def own_sessions(deps: Deps, account_id: str, org: str) -> list[Session]:
    return await deps.sessions.alive_of(account_id, deps.now(), await limits_in(deps, org))


async def end_session(deps: Deps, session_id: str, account_id: str, org: str, reason: str) -> bool:
    """End a session of this account everywhere; False where there is none to end."""

    async def work(tx: Transaction) -> bool:
        return await _revoke(deps, session_id, account_id, org, reason, tx)

    return await deps.transact(work)


async def end_own_session(deps: Deps, session_id: str, account_id: str, org: str) -> None:
    if not await end_session(deps, session_id, account_id, org, "ended_by_owner"):
        raise NotFoundError


async def end_own_sessions(deps: Deps, account_id: str, *, but: str | None) -> None:
    """End all sessions of the own account, except for one where that is asked for."""
    account = await deps.accounts.get(account_id)
    if account is None:
        raise NotFoundError

    async def work(tx: Transaction) -> None:
        await end_all(deps, account, "ended_by_owner", tx, but=but)

    await deps.transact(work)


async def log_out(deps: Deps, token: str) -> None:
    """End the session that a refresh token belongs to; a token that means nothing ends nothing."""
    try:
        session_id, _ = deps.refresh.read(token)
    except SessionEndedError:
        return
    session = await deps.sessions.get(session_id)
    if session is not None:
        await end_session(deps, session.id, session.account_id, session.org, "signed_out")


async def end_all(
    deps: Deps, account: Account, reason: str, tx: Transaction, *, but: str | None = None
) -> None:
    """End every session of an account, in the transaction of what ends them.

    By the widest limits there are: none may come back when an organisation widens its own.
    """
    limits = deps.policy.session_limits
    for session in await deps.sessions.alive_of(account.id, deps.now(), limits, tx):
        if session.id != but:
            await _revoke(deps, session.id, account.id, account.org, reason, tx)


async def _revoke(
    deps: Deps, session_id: str, account_id: str, org: str, reason: str, tx: Transaction
) -> bool:
    if not await deps.sessions.revoke(session_id, account_id, deps.now(), tx):
        return False
    tx.publish(SessionRevoked(session_id=session_id, account_id=account_id, org=org, reason=reason))
    return True
