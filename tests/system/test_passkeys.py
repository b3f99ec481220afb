"""Passkeys as people meet them: through the gateway, with mails and activity."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.deployments import UNLIMITED, embedded
from tests.support.passkeys import Authenticator
from tests.support.person import Portal, demo

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def portal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Portal]:
    async with embedded(tmp_path_factory.mktemp("passkeys"), UNLIMITED) as (up, _):
        yield up


async def post(portal: Portal, path: str, body: Any = None, token: str | None = None) -> Any:
    answer = await portal.call("POST", path, token=token, json=body or {})
    assert answer.status in {200, 201}, answer.body
    return answer.body


async def register(portal: Portal, token: str) -> Authenticator:
    device = Authenticator(origin=portal.url)
    options = await post(portal, "/v1/me/passkeys/options", token=token)
    body = {"name": "Laptop", "credential": device.create(options)}
    await post(portal, "/v1/me/passkeys", body, token)
    return device


async def sign_in(portal: Portal, device: Authenticator, challenge: str | None = None) -> Any:
    options = await post(portal, "/v1/login/passkey/options", {"challenge": challenge})
    body = {"challenge": challenge, "credential": device.get(options), "transport": "body"}
    return await post(portal, "/v1/login/passkey", body)


async def subjects(portal: Portal, address: str, wanted: str) -> list[str]:
    """The subjects of the mails to this address, once one of them has these words."""
    async with asyncio.timeout(10):
        while True:
            found = [mail["Subject"] for mail in await portal.mails_to(address)]
            if any(wanted in subject for subject in found):
                return found
            await asyncio.sleep(0.05)


async def happened(portal: Portal, token: str, org: str) -> list[str]:
    listed = await portal.call("GET", f"/v1/tenants/{org}/activity", token=token)
    return [row["what"] for row in listed.body["items"]]


async def test_a_passkey_is_registered_signs_in_alone_opens_what_needs_a_factor_and_goes(
    portal: Portal,
) -> None:
    admin = demo("123456.sms", "admin")
    device = await register(portal, (await portal.sign_in(admin))["access_token"])

    token = (await sign_in(portal, device))["access_token"]
    me = await portal.call("GET", "/v1/me", token=token)
    [passkey] = (await portal.call("GET", "/v1/me/passkeys", token=token)).body["items"]
    codes = await portal.call("POST", "/v1/me/recovery-codes", token=token)
    options = await post(portal, "/v1/session/step-up/options", token=token)
    stepped = await post(portal, "/v1/session/step-up", {"passkey": device.get(options)}, token)
    path = f"/v1/me/passkeys/{passkey['id']}"
    gone = await portal.call("DELETE", path, token=stepped["access_token"])
    again = await portal.call("POST", "/v1/login/passkey/options", json={})
    answer = {"credential": device.get(again.body)}
    refused = await portal.call("POST", "/v1/login/passkey", json=answer)

    assert (me.body["username"], me.body["org"], me.body["passkeys"]) == ("admin", admin.org, 1)
    assert passkey["last_used_at"] is not None
    assert (codes.status, gone.status) == (200, 204)
    assert (refused.status, refused.code) == (401, "passkey_refused")
    told = await subjects(portal, admin.email, "entfernt")
    assert {"Ein Passkey wurde registriert", "Ein Passkey wurde entfernt"} <= set(told)
    done = await happened(portal, token, admin.org)
    assert {"passkey.registered", "passkey.removed"} <= set(done)


async def test_whoever_must_activate_a_factor_does_so_with_a_passkey(portal: Portal) -> None:
    newcomer = demo("123457.sms", "newcomer")
    first = (await portal.give_password(newcomer, transport="body")).body

    device = Authenticator(origin=portal.url)
    token = first["challenge"]
    options = await post(portal, "/v1/me/passkeys/options", token=token)
    half_open = await portal.call("GET", "/v1/me/passkeys", token=token)
    body = {"name": "Laptop", "credential": device.create(options)}
    done = await post(portal, "/v1/me/passkeys", body, token)
    me = await portal.call("GET", "/v1/me", token=done["access_token"])
    second = (await portal.give_password(newcomer, transport="body")).body
    later = await sign_in(portal, device, second["challenge"])

    assert (first["next"], half_open.status) == ("enrol_totp", 401)
    assert len(done["recovery_codes"]) == 10
    assert (me.body["passkeys"], me.body["totp"]) == (1, None)
    assert (second["next"], second["factors"]) == ("totp", ["passkey", "recovery_code"])
    assert later["next"] == "done"
