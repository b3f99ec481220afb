"""A sign-in from a device that an account was never signed in from is told to its owner, once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from services.auth.app import open_auth
from services.auth.store.known_devices import MOST
from shared.access import Permission
from shared.contracts.auth import NewDeviceUsed
from shared.contracts.events import Service
from shared.tokens import ENROLMENT_HEADER
from tests.support.auth import ADMIN, ANYBODY, PASSWORD, add_account, auth_settings, code_now
from tests.support.guessing import a_source
from tests.support.service import NOON, Answer, Client, a_pass, running

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0 Edg/125.0"
DAY = timedelta(days=1)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """Auth with `anna` (no second factor, none needed yet), who was signed in from a device."""
    settings = auth_settings(mongo_url, totp_required_from=NOON + 900 * DAY)
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client, totp_secret=None)
        assert (await Browser(client).sign_in()).status == 200
        yield client


@dataclass
class Browser:
    """A client with an address, a name and, where it has cookies, that of its device."""

    auth: Client
    agent: str = FIREFOX
    source: str = "198.51.100.7"
    cookie: str | None = None

    async def sign_in(self, username: str = "anna", **more: Any) -> Answer:
        body = {"username": username, "password": PASSWORD, "tenant": ADMIN.org, **more}
        answer = await self.send("/v1/login", body)
        kept = [one.partition(";")[0] for one in answer.headers.getall("Set-Cookie", [])]
        devices = [one.partition("=")[2] for one in kept if one.startswith("portal_device=")]
        self.cookie = devices[0] if devices else self.cookie
        return answer

    async def send(self, path: str, body: dict[str, Any]) -> Answer:
        headers = {"X-Forwarded-For": self.source, "User-Agent": self.agent}
        if self.cookie is not None:
            headers["Cookie"] = f"portal_device={self.cookie}"
        return await self.auth.post(path, as_=ANYBODY, json=body, headers=headers)


async def told(auth: Client) -> int:
    return len(await auth.heard(NewDeviceUsed))


async def test_the_first_sign_in_of_an_account_is_told_to_nobody(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    bert = Browser(auth)

    await bert.sign_in("bert")
    await bert.sign_in("bert")

    assert await told(auth) == 0


async def test_a_new_device_is_told_once_with_what_it_is_and_when(auth: Client) -> None:
    browser = Browser(auth, EDGE, a_source())
    auth.now.advance(DAY)

    answers = []
    for _ in range(3):
        answers.append(await browser.sign_in())
        auth.now.advance(DAY)

    (event,) = await auth.heard(NewDeviceUsed)
    assert {answer.status for answer in answers} == {200}
    assert (event.browser, event.system, event.used_at) == ("Edge", "Windows", NOON + DAY)
    assert (event.email, event.locale, event.username) == (ADMIN.email, "en", "anna")


async def test_the_same_browser_is_known_wherever_it_goes_while_its_cookie_is_good(
    auth: Client,
) -> None:
    browser = Browser(auth, EDGE, a_source())
    await browser.sign_in()
    browser.source, browser.agent = a_source(), EDGE.replace("125", "126")
    auth.now.advance(89 * DAY)
    await browser.sign_in()
    before = await told(auth)
    auth.now.advance(91 * DAY)

    await browser.sign_in()

    assert (before, await told(auth)) == (1, 2)


@pytest.mark.parametrize("spoil", ["forged", "of another account", "none"])
async def test_a_cookie_that_proves_nothing_makes_no_device_known(auth: Client, spoil: str) -> None:
    await add_account(auth, username="eve", totp_secret=None)
    eve = Browser(auth, EDGE, a_source())
    await eve.sign_in("eve")
    good = Browser(auth, EDGE, a_source())
    await good.sign_in()
    assert good.cookie is not None
    forged = good.cookie[:-1] + ("0" if good.cookie[-1] != "0" else "1")
    cookie = {"forged": forged, "of another account": eve.cookie, "none": None}[spoil]
    auth.now.advance(timedelta(minutes=2))

    await Browser(auth, EDGE, good.source, cookie=cookie).sign_in()

    assert await told(auth) == 2


async def test_two_sign_ins_at_once_from_a_new_device_are_told_once(auth: Client) -> None:
    source = a_source()

    async with asyncio.TaskGroup() as group:
        for transport in ["cookie"] * 5 + ["body"] * 5:
            one = Browser(auth, EDGE, source)
            group.create_task(one.sign_in(transport=transport))

    assert await told(auth) == 2  # a browser, and a program that has no cookies


async def test_a_client_without_cookies_is_known_by_what_it_is_and_where_it_comes_from(
    auth: Client,
) -> None:
    source = a_source()
    for agent in ("tool/1.0", "tool/1.1", "tool/2.0"):
        auth.now.advance(40 * DAY)
        await Browser(auth, agent, source).sign_in(transport="body")
    before = await told(auth)

    await Browser(auth, "other/1.0", source).sign_in(transport="body")
    await Browser(auth, "tool/2.0", a_source()).sign_in(transport="body")

    assert (before, await told(auth)) == (1, 3)


async def test_a_client_that_sends_its_device_token_is_known_anywhere(auth: Client) -> None:
    first = await Browser(auth, "tool/1.0", a_source()).sign_in(transport="body")
    token = first.body["device_token"]

    elsewhere = Browser(auth, "tool/1.0", a_source())
    await elsewhere.sign_in(transport="body", device_token=token)

    assert await told(auth) == 1


async def test_what_is_remembered_of_devices_is_bounded_and_says_nothing_of_them(
    auth: Client,
) -> None:
    sources = [a_source() for _ in range(MOST + 5)]
    for source in sources:
        auth.now.advance(timedelta(minutes=1))
        await Browser(auth, "tool/1.0", source).sign_in(transport="body")

    (row,) = await auth.mongo.collection("known_devices").find({})

    assert len(row["devices"]) == MOST
    assert not any(source in str(row) for source in sources)
    assert "tool" not in str(row)


async def test_a_known_device_that_was_sent_to_activate_a_factor_is_still_known(
    mongo_url: str,
) -> None:
    settings = auth_settings(mongo_url, totp_required_from=NOON + DAY)
    async with running(Service.AUTH, open_auth, settings) as auth:
        uid = await add_account(auth, totp_secret=None)
        browser = Browser(auth)
        await browser.sign_in()
        auth.now.advance(2 * DAY)
        challenge = (await browser.sign_in()).body["challenge"]
        enrolling = a_pass(ADMIN.org, subject=uid, session="enrolment")
        headers = {
            ENROLMENT_HEADER: challenge,
            "Cookie": f"portal_device={browser.cookie}",
            "User-Agent": browser.agent,
        }
        offer = await auth.post("/v1/me/totp", as_=enrolling, headers=headers)
        code = {"code": code_now(auth, offer.body["secret"])}

        done = await auth.post("/v1/me/totp/confirm", as_=enrolling, headers=headers, json=code)

        assert (done.status, done.body["next"]) == (200, "done")
        assert await told(auth) == 0


async def test_with_an_account_goes_what_was_remembered_of_its_devices(auth: Client) -> None:
    uid = await add_account(auth, username="bert", totp_secret=None)
    await add_account(auth, username="root", totp_secret=None)
    await Browser(auth).sign_in("bert", transport="body")
    manager = a_pass(ADMIN.org, *Permission)
    path = f"/v1/tenants/{ADMIN.org}/users/{uid}"

    disabled = await auth.post(f"{path}/disable", as_=manager)
    deleted = await auth.delete(path, as_=manager)

    assert (disabled.status, deleted.status) == (200, 204)
    assert await auth.mongo.collection("known_devices").find_one({"_id": uid}) is None
