"""Passkeys as a real browser and its authenticators make, keep and show them."""

import asyncio
from typing import Final

import pytest

from tests.browser.conftest import Sites
from tests.browser.visitor import PAGE, Visitor
from tests.support.authenticators import KEY_RING
from tests.support.devtools import Json
from tests.support.person import Portal, demo

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

ORG: Final = "123456.sms"
EDDSA, ES256, RS256 = -8, -7, -257
REFUSED: Final = (401, "passkey_refused")


def refusal(answer: Json) -> tuple[int, str]:
    return answer["status"], answer["body"]["code"]


def only(algorithm: int) -> Json:
    return {"pubKeyCredParams": [{"type": "public-key", "alg": algorithm}]}


async def challenge_of(visitor: Visitor, username: str, org: str = ORG) -> str:
    """What a right password answers to somebody who has a passkey."""
    account = demo(org, username)
    body = {"username": username, "password": account.password, "tenant": org}
    first = await visitor.post("/v1/login", body)
    assert "passkey" in first["factors"], first
    return str(first["challenge"])


@pytest.mark.parametrize("algorithm", [EDDSA, ES256, RS256])
async def test_a_passkey_of_each_algorithm_is_kept_and_signs_in_after_the_password_and_alone(
    visitor: Visitor, portal: Portal, algorithm: int
) -> None:
    await visitor.page.authenticator()
    token = await portal.token(ORG, "admin")

    made = await visitor.register(token, **only(algorithm), extensions={"credProps": True})
    after = await visitor.sign_in(await challenge_of(visitor, "admin"))
    alone = await visitor.sign_in()

    passkey = made["passkey"]
    assert (passkey["transports"], passkey["verifies_user"]) == (["internal"], True)
    assert [one["body"]["next"] for one in (after, alone)] == ["done", "done"]
    me = await visitor.call("GET", "/v1/me", None, alone["body"]["access_token"])
    assert (me["body"]["username"], me["body"]["org"]) == ("admin", ORG)
    (kept,) = [one for one in await visitor.listed(token) if one["id"] == passkey["id"]]
    assert kept["last_used_at"] is not None


async def test_a_browser_takes_the_first_algorithm_that_we_ask_for(
    visitor: Visitor, portal: Portal
) -> None:
    await visitor.page.authenticator()
    options = await visitor.post("/v1/me/passkeys/options", token=await portal.token(ORG, "admin"))

    made = await visitor.create(options)

    assert made["credential"]["response"]["publicKeyAlgorithm"] == EDDSA


async def test_a_passkey_shown_again_makes_the_factor_fresh(
    visitor: Visitor, portal: Portal
) -> None:
    await visitor.page.authenticator()
    await visitor.register(await portal.token(ORG, "admin"))
    token = (await visitor.sign_in())["body"]["access_token"]

    options = await visitor.post("/v1/session/step-up/options", token=token)
    given = await visitor.get(options)
    shown = await visitor.post("/v1/session/step-up", {"passkey": given["credential"]}, token)

    assert shown["access_token"] != token


async def test_a_passkey_that_is_synced_is_known_as_such(visitor: Visitor, portal: Portal) -> None:
    await visitor.page.authenticator(defaultBackupEligibility=True, defaultBackupState=True)

    made = await visitor.register(await portal.token(ORG, "admin"), "Phone")

    assert made["passkey"]["is_synced"]


async def test_a_key_that_is_only_touched_is_a_second_step(
    visitor: Visitor, portal: Portal
) -> None:
    await visitor.page.authenticator(**KEY_RING)
    made = await visitor.register(await portal.token(ORG, "auditor"), "Key ring")

    after = await visitor.sign_in(await challenge_of(visitor, "auditor"))

    assert (made["passkey"]["verifies_user"], made["passkey"]["transports"]) == (False, ["usb"])
    assert after["body"]["next"] == "done"


async def test_who_is_not_recognised_does_not_get_in_by_the_passkey_alone(
    visitor: Visitor, portal: Portal
) -> None:
    authenticator = await visitor.page.authenticator()
    await visitor.register(await portal.token(ORG, "admin"))
    await authenticator.recognise_user(recognised=False)

    asked = await visitor.post("/v1/login/passkey/options")
    by_the_browser = await visitor.get(asked)
    by_us = await visitor.sign_in(userVerification="discouraged")
    after = await visitor.sign_in(
        await challenge_of(visitor, "admin"), userVerification="discouraged"
    )

    assert by_the_browser == {"refused": "NotAllowedError"}
    assert refusal(by_us) == REFUSED
    assert after["status"] == 200


async def test_an_authenticator_makes_one_passkey_for_an_account_and_another_one_a_second(
    visitor: Visitor, portal: Portal
) -> None:
    first = await visitor.page.authenticator()
    token = await portal.token(ORG, "admin")
    one = await visitor.register(token, "Laptop")

    options = await visitor.post("/v1/me/passkeys/options", token=token)
    again = await visitor.create(options)
    await first.unplug()
    await visitor.page.authenticator()
    other = await visitor.register(token, "Tablet")

    assert again == {"refused": "InvalidStateError"}
    listed = {passkey["id"] for passkey in await visitor.listed(token)}
    assert {one["passkey"]["id"], other["passkey"]["id"]} <= listed


async def test_an_answer_is_good_once(visitor: Visitor, portal: Portal) -> None:
    await visitor.page.authenticator()
    await visitor.register(await portal.token(ORG, "admin"))
    given = await visitor.get(await visitor.post("/v1/login/passkey/options"))

    first = await visitor.call("POST", "/v1/login/passkey", given)
    again = await visitor.call("POST", "/v1/login/passkey", given)

    assert first["status"] == 200
    assert refusal(again) == REFUSED


async def test_a_copy_of_an_authenticator_is_refused_and_told_and_the_original_goes_on(
    visitor: Visitor, portal: Portal
) -> None:
    original = await visitor.page.authenticator()
    token = await portal.token(ORG, "admin")
    await visitor.register(token, "Copied")
    (stolen,) = await original.credentials()
    assert (await visitor.sign_in())["status"] == 200
    (ahead,) = await original.credentials()
    await original.unplug()
    copy = await visitor.page.authenticator()
    await copy.take(stolen)

    refused = await visitor.sign_in()
    await copy.unplug()
    original = await visitor.page.authenticator()
    await original.take(ahead)
    owner = await visitor.sign_in()

    assert (stolen["signCount"], ahead["signCount"]) == (1, 2)
    assert refusal(refused) == REFUSED
    assert owner["status"] == 200
    await has_happened(visitor, token, "passkey.suspected")


async def has_happened(visitor: Visitor, token: str, what: str) -> None:
    """Wait until this is in the organisation's activity."""
    async with asyncio.timeout(20):
        while True:
            listed = await visitor.call("GET", f"/v1/tenants/{ORG}/activity", None, token)
            if what in [row["what"] for row in listed["body"]["items"]]:
                return
            await asyncio.sleep(0.05)


async def test_a_removed_passkey_opens_nothing_and_the_last_factor_stays(
    visitor: Visitor,
) -> None:
    newcomer = demo("123457.sms", "newcomer")
    body = {"username": "newcomer", "password": newcomer.password, "tenant": newcomer.org}
    laptop = await visitor.page.authenticator()
    enrolled = await visitor.register((await visitor.post("/v1/login", body))["challenge"])
    token, path = enrolled["access_token"], f"/v1/me/passkeys/{enrolled['passkey']['id']}"
    (held,) = await laptop.credentials()
    await laptop.unplug()
    tablet = await visitor.page.authenticator()

    last = await visitor.call("DELETE", path, None, token)
    await visitor.register(token, "Tablet")
    gone = await visitor.call("DELETE", path, None, token)
    by_tablet = await visitor.sign_in()
    await tablet.unplug()
    laptop = await visitor.page.authenticator()
    await laptop.take(held)
    by_laptop = await visitor.sign_in()

    assert refusal(last) == (409, "totp_compulsory")
    assert (gone["status"], by_tablet["status"]) == (204, 200)
    assert refusal(by_laptop) == REFUSED


async def test_a_passkey_of_another_origin_is_refused(
    visitor: Visitor, portal: Portal, sites: Sites
) -> None:
    """The neighbour's page may use the same relying party's id: only its origin gives it away."""
    await visitor.page.authenticator()
    token = await portal.token(ORG, "admin")
    await visitor.register(token)
    to_create = await visitor.post("/v1/me/passkeys/options", token=token)
    to_get = await visitor.post("/v1/login/passkey/options")

    await visitor.arrive(sites.neighbour)
    made = await visitor.create(to_create, excludeCredentials=[])
    given = await visitor.get(to_get)
    await visitor.arrive()
    registered = await visitor.call("POST", "/v1/me/passkeys", {"name": "Trap", **made}, token)
    signed_in = await visitor.call("POST", "/v1/login/passkey", given)

    assert refusal(registered) == (422, "passkey_not_accepted")
    assert refusal(signed_in) == REFUSED


async def test_a_passkey_of_another_relying_party_is_refused(
    visitor: Visitor, portal: Portal
) -> None:
    """The portal itself under another name: not the name that it was told."""
    await visitor.page.authenticator()
    token = await portal.token(ORG, "admin")
    await visitor.arrive(portal.url.replace("//", "//other.") + PAGE)
    to_create = await visitor.post("/v1/me/passkeys/options", token=token)
    to_get = await visitor.post("/v1/login/passkey/options")

    by_the_browser = await visitor.get(to_get)
    rp = {"id": "other.localhost", "name": "Other"}
    made = await visitor.create(to_create, rp=rp)
    given = await visitor.get(to_get, rpId="other.localhost")
    registered = await visitor.call("POST", "/v1/me/passkeys", {"name": "Trap", **made}, token)
    signed_in = await visitor.call("POST", "/v1/login/passkey", given)

    assert by_the_browser == {"refused": "SecurityError"}
    assert refusal(registered) == (422, "passkey_not_accepted")
    assert refusal(signed_in) == REFUSED
