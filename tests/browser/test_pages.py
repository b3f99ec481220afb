"""The portal's pages in a real browser: nothing from elsewhere, nothing against their policy."""

import pytest

from tests.browser.conftest import Sites
from tests.support.browser import Page
from tests.support.person import Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

PAGES = ["/", "/docs", "/reset-password", "/accept-invitation", "/stop-reset", "/unsubscribe"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_for_nothing_elsewhere_and_keeps_to_its_policy(
    page: Page, portal: Portal, path: str
) -> None:
    await page.open(f"{portal.url}{path}")

    assert page.requests[0] == f"{portal.url}{path}"
    assert f"{portal.url}/assets/portal.css" in page.requests
    assert [url for url in page.requests if not url.startswith(f"{portal.url}/")] == []
    assert page.complaints == []


async def test_the_reference_leads_to_every_operation(page: Page, portal: Portal) -> None:
    document = (await portal.call("GET", "/openapi.json")).body
    await page.open(f"{portal.url}/docs")

    led_to = await page.run("""[...document.querySelectorAll("nav li a")]
        .filter(link => document.querySelector(link.hash)?.checkVisibility()).length""")

    methods = {"get", "post", "put", "patch", "delete"}
    assert led_to == sum(len(methods & set(path)) for path in document["paths"].values())


async def test_a_page_that_broke_its_policy_would_be_stopped_and_seen(
    page: Page, portal: Portal, sites: Sites
) -> None:
    await page.open(f"{portal.url}/docs")

    called = await page.run("fetch('/v1/me').then(() => 'answered', error => error.name)")
    title = await page.run("""(() => {
        const script = document.createElement("script");
        script.text = "document.title = 'Taken over'";
        document.body.append(script);
        return document.title;
    })()""")
    await page.call("url => { new Image().src = url; }", f"{sites.foreign}/picture")

    assert called == "TypeError"
    assert title != "Taken over"
    broken = ("connect-src", "script-src", "img-src")
    await page.until(lambda: all(one in str(page.complaints) for one in broken))


@pytest.mark.parametrize("address", ["http://portal.example", "http://192.0.2.1", "http://[::2]"])
async def test_the_browser_reaches_nothing_beyond_loopback(page: Page, address: str) -> None:
    gone = await page.tell("Page.navigate", url=address)

    assert gone["errorText"] == "net::ERR_NAME_NOT_RESOLVED"
