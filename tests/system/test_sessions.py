"""Sessions as people end them: from anywhere, all at once, and what they are told of new ones."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from portal.demo.world import DemoAccount
from shared.clock import monotonic
from tests.support.colleagues import USERS, Tokens, a_colleague, accept
from tests.support.deployments import Fleet, another_gateway
from tests.support.person import Answer, Portal, demo, link_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/125.0 Safari/537.36 Edg/125.0"


async def test_a_sign_in_from_a_new_device_is_mailed_once_and_all_sessions_end_within_a_second(
    portal: Portal,
) -> None:
    auditor = demo("123456.sms", "auditor")
    here = await portal.sign_in(auditor)
    there = await by_browser(portal, auditor)
    cookie = there.cookies["portal_device"].value
    again = await by_browser(portal, auditor, {"Cookie": f"portal_device={cookie}"})
    async with asyncio.timeout(10):
        while not await mails_about_edge(portal, auditor.email):
            await asyncio.sleep(0.1)
    tokens = [here["access_token"], there.body["access_token"], again.body["access_token"]]
    listed = await portal.call("GET", "/v1/me/sessions", token=tokens[0])
    others = await portal.call("DELETE", "/v1/me/sessions?keep=current", token=tokens[0])
    seconds = [await seconds_until_out(portal, token) for token in tokens[1:]]
    still = await portal.call("GET", "/v1/me", token=tokens[0])

    ended = await portal.call("DELETE", "/v1/me/sessions", token=tokens[0])
    seconds.append(await seconds_until_out(portal, tokens[0]))

    assert len(listed.body["items"]) >= 3
    assert (others.status, still.status, ended.status) == (204, 200, 204)
    assert max(seconds) < 1.0
    body = {"refresh_token": here["refresh_token"]}
    refused = await portal.call("POST", "/v1/session/refresh", json=body)
    assert refused.status == 401
    assert await mails_about_edge(portal, auditor.email) == 1


async def mails_about_edge(portal: Portal, address: str) -> int:
    """How many mails tell of that browser; other sign-ins may have been mailed, too."""
    found = 0
    for mail in await portal.mails_to(address):
        url = f"{portal.mail_url}/api/v1/message/{mail['ID']}"
        async with portal.http.get(url) as response:
            found += "Edge, Windows" in (await response.json())["Text"]
    return found


async def test_a_signed_out_session_is_out_within_a_second(portal: Portal) -> None:
    tokens = await portal.sign_in(demo("200001.sms", "auditor"))
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await portal.call("GET", "/v1/me", token=tokens["access_token"])).status == 200

    await portal.call("POST", "/v1/session/logout", json=body)

    assert await seconds_until_out(portal, tokens["access_token"]) < 1.0


async def test_the_host_that_somebody_claims_is_in_no_link(portal: Portal) -> None:
    admin = demo("123457.sms", "admin")
    seen = len(await portal.mails_to(admin.email))
    body = {"username": admin.username, "tenant": admin.org}
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil"}

    asked = await portal.call("POST", "/v1/password/forgot", json=body, headers=forged)
    mail = await portal.next_mail(admin.email, seen)

    assert asked.status == 202
    assert f"{portal.url}/reset-password?token=" in mail["Text"]
    assert "evil" not in mail["Text"] + mail["HTML"]


@pytest.mark.rabbitmq
async def test_what_has_ended_has_ended_at_every_gateway_within_a_second(
    many_processes: Fleet,
) -> None:
    portal, seconds = many_processes.portal, {}
    admin = await portal.token("123456.sms", "admin")
    async with another_gateway(many_processes) as other:
        for how, act in ACTS.items():
            uid, tokens = await a_colleague(portal, admin, ["auditor"])
            token = str(tokens["access_token"])
            me = await other.call("GET", "/v1/me", token=token)
            assert me.status == 200

            await act(portal, tokens, admin, f"{USERS}/{uid}", me.body)
            times = [await seconds_until_out(one, token) for one in (other, portal)]
            seconds[how] = max(times)

    assert {how for how, took in seconds.items() if took >= 1} == set()
    assert seconds.keys() == ACTS.keys()


async def sign_out(portal: Portal, tokens: Tokens, *_: Any) -> None:
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await portal.call("POST", "/v1/session/logout", json=body)).status == 204


async def end_all(portal: Portal, tokens: Tokens, *_: Any) -> None:
    token = tokens["access_token"]
    assert (await portal.call("DELETE", "/v1/me/sessions", token=token)).status == 204


async def disable(portal: Portal, _: Tokens, admin: str, path: str, __: Any) -> None:
    assert (await portal.call("POST", f"{path}/disable", token=admin)).status == 200


async def take_role(portal: Portal, _: Tokens, admin: str, path: str, __: Any) -> None:
    tag = (await portal.call("GET", path, token=admin)).headers["ETag"]
    headers = {"If-Match": tag}
    taken = await portal.call("PATCH", path, token=admin, json={"roles": []}, headers=headers)
    assert taken.status == 200


async def reset(portal: Portal, _: Tokens, __: str, ___: str, me: dict[str, str]) -> None:
    """Its mail is the fourth, after invitation, new password and new factor."""
    body = {"username": me["username"], "tenant": me["org"]}
    await portal.call("POST", "/v1/password/forgot", json=body)
    mails = [await portal.next_mail(me["email"], number) for number in range(4)]
    (mail,) = [one for one in mails if "/reset-password" in one["Text"]]
    token = link_in(mail, "/reset-password")
    assert (await accept(portal, token, "something that nobody else knows")).status == 204


ACTS: Final[dict[str, Callable[..., Awaitable[None]]]] = {
    "signed out": sign_out,
    "all ended": end_all,
    "disabled": disable,
    "role taken": take_role,
    "reset": reset,
}


async def by_browser(
    portal: Portal, account: DemoAccount, headers: dict[str, str] | None = None
) -> Answer:
    """Sign in as a browser does, with the tokens in cookies."""
    sent = {"User-Agent": EDGE, **(headers or {})}
    login = {"username": account.username, "password": account.password, "tenant": account.org}
    first = await portal.call("POST", "/v1/login", json=login, headers=sent)
    step = {"challenge": first.body["challenge"], "code": await portal.app_of(account).code()}
    return await portal.call("POST", "/v1/login/totp", json=step, headers=sent)


async def seconds_until_out(portal: Portal, token: str) -> float:
    begun = monotonic()
    while (await portal.call("GET", "/v1/me", token=token)).status != 401:
        assert monotonic() - begun < 5, "the session goes on"
        await asyncio.sleep(0.01)
    return monotonic() - begun
