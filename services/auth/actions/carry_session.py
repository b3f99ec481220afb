"""Carrying a session on, and ending it."""

from services.auth.actions.org_settings import limits_by, limits_in
from services.auth.actions.start_session import SignedIn, signed_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.sessions import Session, SessionEndedError
from services.auth.store.looks import Standing
from shared.contracts.auth import SessionRevoked
from shared.errors import NotFoundError
from shared.outbox import Transaction


async def refresh(deps: Deps, token: str, *, wants_body: bool) -> SignedIn:
    """The next tokens of a session. A token used twice ends it: one of the two was stolen."""
    session_id, generation = deps.refresh.read(token)
    (session, known), now = await _rotated(deps, session_id, generation), deps.now()
    if not session.forgives(generation, now):
        await end_session(deps, session.id, session.account_id, session.org, "token_reused")
        raise SessionEndedError
    account = _account_of(session, known)
    if account is None:
        await end_session(deps, session.id, session.account_id, session.org, "account_closed")
        raise SessionEndedError
    return signed_in(deps, account, session, known.line, wants_body=wants_body)


async def _rotated(deps: Deps, session_id: str, generation: int) -> tuple[Session, Standing]:
    """The session, one generation on if the token is the one that is good now.

    Whatever closes an account ends its sessions in the same act, so that what was read of it counts
    if the session could be taken on.
    """
    session, known = await _living(deps, session_id)
    if session.generation != generation:
        return session, known
    rotated = await deps.sessions.rotate(session, deps.now(), limits_by(deps, known.line))
    return (rotated, known) if rotated else await _living(deps, session_id)


async def _living(deps: Deps, session_id: str) -> tuple[Session, Standing]:
    """A session that may be used, and what it stands on; SessionEndedError where it may not."""
    session = await deps.sessions.get(session_id)
    if session is None:
        raise SessionEndedError
    known = await deps.looks.at_session(session.org, session.account_id)
    if not session.is_alive(deps.now(), limits_by(deps, known.line)):
        raise SessionEndedError
    return session, known


def _account_of(session: Session, known: Standing) -> Account | None:
    """Whose session it is, if they may sign in and their organisation is open, and was all the time
    since the session began.
    """
    account = known.account
    is_let_in = known.organisation.lets_in(session.started_at)
    return account if account is not None and account.may_sign_in and is_let_in else None


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


async def own_sessions(deps: Deps, account_id: str, org: str) -> list[Session]:
    return await deps.sessions.alive_of(account_id, deps.now(), await limits_in(deps, org))


async def live_session(deps: Deps, session_id: str) -> tuple[Session, Account]:
    """A session and its account as they are now; NotFoundError where it may no longer be used."""
    try:
        session, known = await _living(deps, session_id)
    except SessionEndedError as error:
        raise NotFoundError from error
    account = _account_of(session, known)
    if account is None:
        raise NotFoundError
    return session, account


async def _revoke(
    deps: Deps, session_id: str, account_id: str, org: str, reason: str, tx: Transaction
) -> bool:
    if not await deps.sessions.revoke(session_id, account_id, deps.now(), tx):
        return False
    tx.publish(SessionRevoked(session_id=session_id, account_id=account_id, org=org, reason=reason))
    return True
