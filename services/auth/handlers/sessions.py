"""Signing in, carrying on, signing out, and the list of own sessions."""

from typing import Any, Final

from services.auth.actions import carry_session, end_session, give_code, log_in
from services.auth.actions.guessing import Visitor
from services.auth.actions.start_session import SignedIn
from services.auth.deps import Deps
from services.auth.domain.origins import is_own
from services.auth.domain.sessions import SessionEndedError
from services.auth.domain.signing_in import Notice
from services.auth.handlers.bodies import (
    ActivationWantedView,
    CodeBody,
    CodeWantedView,
    ElsewhereView,
    LiveSessionView,
    LoginAnswer,
    LoginBody,
    NoticeView,
    RefreshBody,
    SessionsQuery,
    SessionsView,
    SessionView,
    SignedInAnswer,
    SignedInView,
    SignedInWithRefreshView,
)
from shared.errors import ForbiddenError
from shared.models import Nothing
from shared.routing import Call, Cookie, Reply
from shared.sources import source_of

COOKIE: Final = "portal_refresh"
COOKIE_PATH: Final = "/v1/session"
DEVICE_COOKIE: Final = "portal_device"
DEVICE_COOKIE_PATH: Final = "/v1"
"""A sign-in may end anywhere, such as in the activation of a second factor."""


class OriginError(ForbiddenError):
    code = "origin_not_allowed"
    detail = "This call carries a cookie and comes from another site."


async def log_in_with_password(call: Call[Deps, LoginBody, Nothing]) -> Reply[LoginAnswer]:
    """Sign in with user name, password and tenant id.

    What comes next depends on the account: done, a code, the activation of a second factor, or
    the Reseller Portal. Every refusal is the same.
    """
    given = call.body
    credentials = log_in.Credentials(
        username=given.username,
        password=given.password,
        org=given.tenant,
        wants_body=given.transport == "body",
        visitor=visitor_of(call, given.device_token),
    )
    match await log_in.log_in(call.deps, credentials):
        case SignedIn() as done:
            return Reply(LoginAnswer(signed_in_view(done)), cookies=cookies_of(done))
        case log_in.CodeWanted(challenge, factors):
            wanted = CodeWantedView(challenge=challenge, factors=list(factors))
            return Reply(LoginAnswer(wanted))
        case log_in.ActivationWanted(challenge, deadline):
            activation = ActivationWantedView(challenge=challenge, deadline=deadline)
            return Reply(LoginAnswer(activation))
        case log_in.GoElsewhere(url):
            return Reply(LoginAnswer(ElsewhereView(url=url)))


async def log_in_with_code(call: Call[Deps, CodeBody, Nothing]) -> Reply[SignedInAnswer]:
    """Sign in, second step: a code of the authenticator app, or a recovery code."""
    done = await give_code.give_code(
        call.deps,
        call.body.challenge,
        call.body.code,
        visitor_of(call, call.body.device_token),
    )
    return Reply(SignedInAnswer(signed_in_view(done)), cookies=cookies_of(done))


async def refresh(call: Call[Deps, RefreshBody, Nothing]) -> Reply[SignedInAnswer]:
    """Carry a session on: the next access token for a refresh token.

    Each refresh token works once; one that is used twice ends its session.
    """
    in_body = call.body.refresh_token
    token = in_body or _cookie(call)
    if token is None:
        raise SessionEndedError
    done = await carry_session.refresh(call.deps, token, wants_body=in_body is not None)
    return Reply(SignedInAnswer(signed_in_view(done)), cookies=cookies_of(done))


async def log_out(call: Call[Deps, RefreshBody, Nothing]) -> Reply[Nothing]:
    """Sign out.

    Ends the session of the refresh token, or that of the access token where none is sent.
    """
    token = call.body.refresh_token or _cookie(call)
    if token is not None:
        await end_session.log_out(call.deps, token)
    elif call.caller.session:
        caller = call.caller
        await end_session.end_session(
            call.deps, caller.session, caller.subject, caller.org, "signed_out"
        )
    return Reply(status=204, cookies=[Cookie(COOKIE, "", COOKIE_PATH, 0)])


async def list_own(call: Call[Deps, Nothing, Nothing]) -> Reply[SessionsView]:
    """List the own sessions."""
    sessions = await end_session.own_sessions(call.deps, call.caller.subject, call.caller.org)
    items = [
        SessionView(
            id=session.id,
            device=session.device,
            started_at=session.started_at,
            last_used_at=session.last_used_at,
            is_current=session.id == call.caller.session,
        )
        for session in sessions
    ]
    return Reply(SessionsView(items=items))


async def end_own(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """End one of the own sessions."""
    caller = call.caller
    await end_session.end_own_session(call.deps, call.path["id"], caller.subject, caller.org)
    return Reply(status=204)


async def end_all_own(call: Call[Deps, Nothing, SessionsQuery]) -> Reply[Nothing]:
    """End all own sessions, the present one among them unless it is kept."""
    caller = call.caller
    is_kept = call.query.keep == "current"
    kept = caller.session if is_kept else None
    await end_session.end_own_sessions(call.deps, caller.subject, but=kept)
    return Reply(status=204, cookies=[] if is_kept else [Cookie(COOKIE, "", COOKIE_PATH, 0)])


async def live(call: Call[Deps, Nothing, Nothing]) -> Reply[LiveSessionView]:
    """The gateway's question: may this session still be used, and with which roles?"""
    _, account = await carry_session.live_session(call.deps, call.path["id"])
    view = LiveSessionView(account_id=account.id, org=account.org, roles=list(account.roles))
    return Reply(view)


def visitor_of(call: Call[Deps, Any, Any], device_token: str | None = None) -> Visitor:
    return Visitor(
        agent=call.header("User-Agent") or "unknown",
        source=source_of(call.header("X-Forwarded-For")),
        device_token=device_token or call.request.cookies.get(DEVICE_COOKIE),
    )


def signed_in_view(done: SignedIn) -> SignedInView | SignedInWithRefreshView:
    shown = [_notice(notice) for notice in done.notices]
    if done.wants_body:
        return SignedInWithRefreshView(
            access_token=done.access_token,
            expires_in=done.expires_in,
            notices=shown,
            refresh_token=done.refresh_token,
            device_token=done.device_token,
        )
    return SignedInView(access_token=done.access_token, expires_in=done.expires_in, notices=shown)


def cookies_of(done: SignedIn) -> list[Cookie]:
    if done.wants_body:
        return []
    cookies = [Cookie(COOKIE, done.refresh_token, COOKIE_PATH, done.cookie_seconds)]
    if done.device_token is not None:
        device = Cookie(DEVICE_COOKIE, done.device_token, DEVICE_COOKIE_PATH, done.device_seconds)
        cookies.append(device)
    return cookies


def _notice(notice: Notice) -> NoticeView:
    return NoticeView(
        code=notice.code,
        detail=notice.detail,
        deadline=notice.deadline,
        days_left=notice.days_left,
        url=notice.url,
    )


def _cookie(call: Call[Deps, RefreshBody, Nothing]) -> str | None:
    """The refresh cookie, refused where another site's page makes the browser send it.

    Every browser says with a POST where it comes from; who says nothing is none, and has no cookie
    but its own. A header that only scripts can send would prove the same once more.
    """
    token = call.request.cookies.get(COOKIE)
    if token is None:
        return None
    origin = call.header("Origin")
    if origin is not None and not is_own(
        origin,
        public_url=call.deps.relying_party.origin,
        host=call.header("X-Forwarded-Host"),
    ):
        raise OriginError
    if call.header("Sec-Fetch-Site") not in {None, "same-origin"}:
        raise OriginError
    return token
