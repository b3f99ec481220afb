"""The page behind a mailed link, as somebody uses it who has forgotten the password."""

import pytest

from tests.support.browser import Page
from tests.support.person import Portal, demo, link_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

FLAW_OF = "document.getElementById('{}-flaw').textContent"


async def choose(page: Page, password: str, repeated: str) -> None:
    await page.type("#new-password", password)
    await page.type("#repeat", repeated)
    await page.call("() => document.getElementById('send').click()")


async def test_a_forgotten_password_is_replaced_and_the_token_stays_in_the_page(
    page: Page, portal: Portal
) -> None:
    auditor = demo("200001.sms", "auditor")
    ask = {"username": auditor.username, "tenant": auditor.org}
    await portal.call("POST", "/v1/password/forgot", json=ask)
    token = link_in(await portal.next_mail(auditor.email, 0), "/reset-password")

    await page.open(f"{portal.url}/reset-password?token={token}")
    address = await page.run("location.href")
    await choose(page, "Granit und Moos", "Granit und Moor")
    differs = await page.run(FLAW_OF.format("repeat"))
    await choose(page, "12345678", "12345678")
    common = await page.once(FLAW_OF.format("new-password"))
    await choose(page, "Granit und Moos", "Granit und Moos")
    await page.once("document.getElementById('done').hidden === false")

    assert address == f"{portal.url}/reset-password"
    assert [url for url in page.requests[1:] if token in url] == []
    assert page.requests.count(f"{portal.url}/v1/password/reset") == 2
    assert differs
    assert common not in {"", differs}
    signed_in = await portal.give_password(auditor, "Granit und Moos")
    assert signed_in.body["next"] == "totp"
