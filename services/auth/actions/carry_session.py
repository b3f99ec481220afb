"""Carrying a session on, and whether it may still be used."""

from services.auth.actions.end_session import end_session
from services.auth.actions.org_settings import limits_by
from services.auth.actions.start_session import SignedIn, signed_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.sessions import Session, SessionEndedError
from services.auth.store.looks import Standing
from shared.errors import NotFoundError


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
