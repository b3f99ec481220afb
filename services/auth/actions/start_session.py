"""The end of every sign-in: a session and the tokens that carry it."""

from dataclasses import dataclass

from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.sessions import Session
from services.auth.domain.signing_in import Notice, notices
from shared.ids import new_id


@dataclass(frozen=True)
class SignedIn:
    access_token: str
    expires_in: int
    refresh_token: str
    wants_body: bool
    """Whether the client asked for the refresh token in the body instead of a cookie."""
    cookie_seconds: int
    notices: list[Notice]


async def start_session(
    deps: Deps, account: Account, *, amr: tuple[str, ...], device: str, wants_body: bool
) -> SignedIn:
    now = deps.now()
    session = Session(
        id=new_id(),
        account_id=account.id,
        org=account.org,
        generation=0,
        amr=amr,
        device=device[:200],
        started_at=now,
        rotated_at=now,
        last_used_at=now,
        expires_at=now + deps.policy.session_absolute,
        revoked_at=None,
    )
    await deps.sessions.add(session)
    return signed_in(deps, account, session, wants_body=wants_body)


def signed_in(deps: Deps, account: Account, session: Session, *, wants_body: bool) -> SignedIn:
    now = deps.now()
    return SignedIn(
        access_token=deps.signer.access_token(account, session, now),
        expires_in=deps.signer.access_seconds,
        refresh_token=deps.refresh.make(session),
        wants_body=wants_body,
        cookie_seconds=int((session.expires_at - now).total_seconds()),
        notices=notices(account, now, deps.policy.totp_required_from),
    )
