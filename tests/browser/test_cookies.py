"""The refresh cookie in a real browser: for the portal alone, and out of every script's reach."""

from typing import Final

import pytest
import pytest_asyncio

from tests.browser.conftest import Sites
from tests.browser.visitor import PAGE, Visitor
from tests.support.devtools import Json
from tests.support.person import Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

COOKIE: Final = "portal_refresh"
REFRESH: Final = "/v1/session/refresh"
_POST: Final = """url => fetch(url, {method: "POST", mode: "no-cors", credentials: "include"})
    .then(() => "answered", error => error.name)"""
"""All that a page of another site may send without our leave; what comes back it never hears."""


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(visitor: Visitor, portal: Portal) -> Visitor:
    """Somebody whose browser has the cookie of a session."""
    await visitor.page.authenticator()
    await visitor.register(await portal.token("200001.sms", "admin"))
    done = await visitor.sign_in()
    assert done["status"] == 200, done
    return visitor


async def refreshed_by(visitor: Visitor, site: str) -> tuple[bool, int]:
    """Let a page of this site carry the session on: does its cookie stay behind, and the status."""
    page, url = visitor.page, f"{visitor.portal.url}{REFRESH}"
    await visitor.arrive(site)
    assert await page.call(_POST, url) == "TypeError"
    sent = page.heard("Network.requestWillBeSent")
    (asked,) = [one["requestId"] for one in sent if one["request"]["url"] == url]

    def told(what: str) -> list[Json]:
        return [one for one in page.heard(what) if one["requestId"] == asked]

    went, came = "Network.requestWillBeSentExtraInfo", "Network.responseReceivedExtraInfo"
    await page.until(lambda: told(went) and told(came))
    (request,), (answer,) = told(went), told(came)
    (cookie,) = [one for one in request["associatedCookies"] if one["cookie"]["name"] == COOKIE]
    stays_behind = any("SameSiteStrict" in reason for reason in cookie["blockedReasons"])
    assert stays_behind or not cookie["blockedReasons"]
    return stays_behind, answer["statusCode"]


async def test_the_cookie_is_for_one_path_and_for_no_script(signed_in: Visitor) -> None:
    page, home = signed_in.page, signed_in.portal.url
    seen, kept = [], (await page.cookies())[COOKIE]

    for path in (PAGE, REFRESH, "/v1/me"):
        await page.open(f"{home}{path}")
        await page.run(f"document.cookie = '{COOKIE}=mine; path=/v1/session; secure', null")
        seen.append(await page.run("document.cookie"))

    assert (kept["path"], kept["domain"]) == ("/v1/session", "localhost")
    assert (kept["httpOnly"], kept["secure"], kept["sameSite"]) == (True, True, "Strict")
    assert kept["expires"] > 0
    assert seen == ["", "", ""]
    assert (await page.cookies())[COOKIE]["value"] == kept["value"]


async def test_a_page_of_the_portal_carries_the_session_on_until_it_is_ended(
    signed_in: Visitor,
) -> None:
    before = (await signed_in.page.cookies())[COOKIE]["value"]

    renewed = await signed_in.post(REFRESH)
    after = (await signed_in.page.cookies())[COOKIE]["value"]
    ended = await signed_in.call("POST", "/v1/session/logout", {})

    assert renewed["access_token"]
    assert after != before
    assert ended["status"] == 204
    assert COOKIE not in await signed_in.page.cookies()


@pytest.mark.parametrize(
    ("site", "outcome"), [("foreign", (True, 401)), ("neighbour", (False, 403))]
)
async def test_no_page_of_others_carries_a_session_on(
    signed_in: Visitor, sites: Sites, site: str, outcome: tuple[bool, int]
) -> None:
    """To a browser another port is the same site: there it is our own look that refuses."""
    before = (await signed_in.page.cookies())[COOKIE]["value"]

    met = await refreshed_by(signed_in, getattr(sites, site))

    assert met == outcome
    assert (await signed_in.page.cookies())[COOKIE]["value"] == before
    await signed_in.arrive()
    assert (await signed_in.post(REFRESH))["next"] == "done"
