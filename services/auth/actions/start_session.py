"""The end of every sign-in: a session and the tokens that carry it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.auth.actions.compulsion import totp_deadline
from services.auth.actions.end_session import end_session
from services.auth.actions.guessing import Visitor
from services.auth.actions.new_device import tell_of_new_device
from services.auth.actions.org_settings import limits_by
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.sessions import Session, SessionEndedError
from services.auth.domain.signing_in import Notice, notices
from services.auth.store.looks import Arrival
from services.auth.store.org_settings import Decided
from shared.context import acting_as
from shared.contracts.auth import SessionStarted
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
    device_seconds: int
    device_token: str | None = None
    """For the device of a sign-in that has just been completed."""


async def start_session(  # noqa: PLR0913 who came in and how, each part with its name
    deps: Deps,
    account: Account,
    visitor: Visitor,
    *,
    amr: tuple[str, ...],
    wants_body: bool,
    factor_at: datetime | None = None,
    arrival: Arrival | None = None,
) -> SignedIn:
    """Begin a session. Whoever gets in has no need of a link to a new password, so none stays.

    `factor_at` is when a second factor was shown, where that was earlier and elsewhere; `arrival`
    what is known of the account, where that was read already.
    """
    known = arrival or await deps.looks.at_arrival(account.org, account.id)
    now, limits = deps.now(), limits_by(deps, known.line)
    session = Session(
        id=new_id(),
        account_id=account.id,
        org=account.org,
        generation=0,
        amr=amr,
        device=visitor.agent[:200],
        started_at=now,
        rotated_at=now,
        last_used_at=now,
        expires_at=now + limits.absolute,
        revoked_at=None,
        factor_at=(factor_at or now) if "mfa" in amr else None,
        idle=limits.idle,
    )
    acting_as(account.id, account.org)
    told = SessionStarted(
        session_id=session.id, account_id=account.id, org=account.org, method=" ".join(amr)
    )
    await deps.sessions.add(session, told)
    await _check_not_overtaken(deps, account, session)
    await tell_of_new_device(deps, account, session, visitor, known.devices, wants_body=wants_body)
    if known.has_link:
        await deps.links.kill(account.id)
    device = deps.devices.read(visitor.device_token, now)
    done = signed_in(deps, account, session, known.line, wants_body=wants_body)
    return replace(done, device_token=deps.devices.make(account.id, now, device))


async def _check_not_overtaken(deps: Deps, account: Account, session: Session) -> None:
    """A password is checked for so long that it may be another one by now, or the account closed.

    Whatever ends all sessions writes the account in the same act. So either it finds this session,
    or this write, which comes after the session, finds what it has written.
    """
    if not await deps.accounts.signed_in(account, session.started_at):
        await end_session(deps, session.id, account.id, account.org, "account_changed")
        raise SessionEndedError


def signed_in(
    deps: Deps, account: Account, session: Session, line: Sequence[Decided], *, wants_body: bool
) -> SignedIn:
    now, deadline = deps.now(), totp_deadline(deps, account, line)
    return SignedIn(
        access_token=deps.signer.access_token(account, session, now),
        expires_in=deps.signer.access_seconds,
        refresh_token=deps.refresh.make(session),
        wants_body=wants_body,
        cookie_seconds=int((session.expires_at - now).total_seconds()),
        notices=[]
        if session.factor_at is not None
        else notices(account, now, deadline, deps.policy.reseller_portal_url),
        device_seconds=int(deps.devices.life.total_seconds()),
    )
