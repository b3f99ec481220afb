"""Signing in with the Reseller Portal's account, and what the Reseller Portal tells us of it."""

from collections.abc import Awaitable
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.auth.actions import federation
from services.auth.actions.log_in import GoElsewhere
from services.auth.actions.sign_out_elsewhere import sign_out_elsewhere
from services.auth.actions.start_session import SignedIn
from services.auth.deps import Deps
from services.auth.domain.federation import FLOW_LIFE, FederationRefusedError
from services.auth.handlers.sessions import DEVICE_COOKIE, cookies_of, visitor_of
from shared.errors import UnavailableError
from shared.models import Form, Model, Nothing
from shared.routing import Call, Cookie, Reply

FLOW_COOKIE: Final = "__Host-portal_flow"
"""With this prefix no other host, not even a sibling, can plant one (RFC 6265bis §4.1.3)."""
_LONGEST: Final = 1500


class CallbackQuery(BaseModel):
    """An authorization response; what isn't known in it is ignored (RFC 6749 §4.1.2)."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    state: str | None = Field(
        None, max_length=_LONGEST, description="What the sign-in was begun with (OAuth 2.0)."
    )
    code: str | None = Field(None, max_length=_LONGEST)
    iss: str | None = Field(None, max_length=_LONGEST, description="The issuer (RFC 9207).")
    error: str | None = Field(None, max_length=_LONGEST)


class LogoutForm(Form):
    logout_token: str = Field(min_length=1, max_length=16 * 1024)


class WaysView(Model):
    ways: list[Literal["password", "reseller_portal"]]


class BegunView(Model):
    url: str = Field(description="Where to send the browser that made this call.")


async def ways(call: Call[Deps, Nothing, Nothing]) -> Reply[WaysView]:
    """Read how one can sign in here."""
    is_on = call.deps.issuer is not None
    return Reply(WaysView(ways=["password", "reseller_portal"] if is_on else ["password"]))


async def begin(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Sign in with the Reseller Portal's account (OpenID Connect): go there.

    Made for a link in a browser: what is begun stays in a cookie of ten minutes. Where it can't be
    begun, a browser is led to the portal's page, whose fragment then is the problem's code.
    """
    return await _or_back(call, _begin(call))


async def _begin(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    begun = await federation.begin(call.deps, call.request.cookies.get(DEVICE_COOKIE))
    cookies = [_flow_cookie(begun.sealed_flow)]
    return Reply(status=302, headers={"Location": begun.url}, cookies=cookies)


async def begin_step_up(call: Call[Deps, Nothing, Nothing]) -> Reply[BegunView]:
    """Show the second factor again at the Reseller Portal, where it lives (RFC 9470).

    Send the browser to the URL of the answer; when it is back, the next access token says that the
    factor is fresh.
    """
    begun = await federation.begin_step_up(call.deps, call.caller.session)
    return Reply(BegunView(url=begun.url), cookies=[_flow_cookie(begun.sealed_flow)])


async def finish(call: Call[Deps, Nothing, CallbackQuery]) -> Reply[Nothing]:
    """Come back from the Reseller Portal.

    Leads on to the portal's page, with the refresh cookie of a new session; no token is in an
    address. Where a second factor is compulsory and none was shown, it leads to the Reseller Portal
    instead. Every refusal is the same; a browser is led to the portal's page with the problem's
    code as the fragment.
    """
    return await _or_back(call, _finish(call))


async def _finish(call: Call[Deps, Nothing, CallbackQuery]) -> Reply[Nothing]:
    if len(call.request.query) != len(set(call.request.query)):
        raise FederationRefusedError
    given = call.query
    answer = federation.Answer(
        code=given.code if given.error is None else None,
        state=given.state,
        issuer=given.iss,
        sealed_flow=call.request.cookies.get(FLOW_COOKIE),
    )
    done = await federation.finish(call.deps, answer, visitor_of(call))
    ended = Cookie(FLOW_COOKIE, "", "/", 0, same_site="Lax")
    match done:
        case SignedIn():
            cookies = [ended, *cookies_of(done)]
            return Reply(status=302, headers={"Location": "/"}, cookies=cookies)
        case federation.SteppedUp():
            return Reply(status=302, headers={"Location": "/"}, cookies=[ended])
        case GoElsewhere(url):
            return Reply(status=302, headers={"Location": url}, cookies=[ended])


async def log_out(call: Call[Deps, LogoutForm, Nothing]) -> Reply[Nothing]:
    """End the sessions of whoever has signed out at the Reseller Portal.

    For the Reseller Portal alone, which signs the logout token (OpenID Connect Back-Channel Logout
    1.0). All sessions of the subject end.
    """
    await sign_out_elsewhere(call.deps, call.body.logout_token)
    return Reply()


async def _or_back(call: Call[Deps, Any, Any], work: Awaitable[Reply[Nothing]]) -> Reply[Nothing]:
    """People who came by a link are not left with problem details on their screen."""
    try:
        return await work
    except (FederationRefusedError, UnavailableError) as error:
        if "text/html" not in (call.header("Accept") or ""):
            raise
        return Reply(status=302, headers={"Location": f"/#{error.code}"})


def _flow_cookie(sealed: str) -> Cookie:
    """Lax, because it must come along when the Reseller Portal sends the browser back."""
    return Cookie(FLOW_COOKIE, sealed, "/", int(FLOW_LIFE.total_seconds()), same_site="Lax")
