"""What a browser lets pages of other sites do with the portal."""

from typing import Final

import pytest

from tests.browser.conftest import Sites
from tests.browser.visitor import PAGE, Visitor
from tests.support.person import Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

ORG: Final = "123456.sms"
UNHEARD: Final = {"refused": "TypeError"}
"""All that a page hears of an answer that is not for it."""


async def test_a_listed_site_calls_with_a_token_and_never_with_a_cookie(
    visitor: Visitor, portal: Portal, sites: Sites
) -> None:
    token = await portal.token(ORG, "admin")
    await visitor.arrive(sites.listed)

    me = await visitor.call("GET", f"{portal.url}/v1/me", None, token)
    with_cookies = await visitor.page.call(
        "url => fetch(url, {credentials: 'include'}).then(one => one.status, one => one.name)",
        f"{portal.url}/v1/me",
    )

    assert (me["status"], me["body"]["username"]) == (200, "admin")
    assert with_cookies == "TypeError"


@pytest.mark.parametrize("site", ["neighbour", "foreign"])
async def test_another_site_reads_and_changes_nothing_even_with_a_token(
    visitor: Visitor, portal: Portal, sites: Sites, site: str
) -> None:
    token = await portal.token(ORG, "admin")
    named = (await visitor.call("GET", "/v1/me", None, token))["body"]["display_name"]
    await visitor.arrive(getattr(sites, site))
    me, document = f"{portal.url}/v1/me", f"{portal.url}/openapi.json"

    heard = [
        await visitor.call("GET", me, None, token),
        await visitor.call("GET", me),
        await visitor.call("PATCH", me, {"display_name": "Trapped"}, token),
        await visitor.call("GET", document),
    ]

    assert heard == [UNHEARD] * 4
    await visitor.arrive()
    assert (await visitor.call("GET", "/v1/me", None, token))["body"]["display_name"] == named


async def test_no_site_shows_the_portal_in_a_frame(
    visitor: Visitor, portal: Portal, sites: Sites
) -> None:
    page = visitor.page
    await visitor.arrive(sites.listed)

    await page.call(
        """url => { const frame = document.createElement("iframe");
            frame.src = url; document.body.append(frame); }""",
        f"{portal.url}{PAGE}",
    )

    await page.until(lambda: "frame-ancestors" in str(page.complaints))
