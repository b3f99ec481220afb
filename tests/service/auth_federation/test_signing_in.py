"""Signing in with the Reseller Portal's account: what counts, and what is kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from services.auth.domain.accounts import IssuerSubject
from shared.access import Permission
from shared.mongo.errors import DuplicateKeyError
from tests.support.auth import ANYBODY, add_account
from tests.support.federation import RITA, World, another_replica, begin, refreshed, tokens_of
from tests.support.issuer import SUBJECT
from tests.support.service import a_pass

HOUR: Final = timedelta(hours=1)


async def test_what_is_begun_stays_in_a_cookie_that_no_other_host_can_plant(world: World) -> None:
    begun = await begin(world.auth, world.issuer)

    assert begun.set_cookie.startswith("__Host-")
    parts = {part.strip().lower() for part in begun.set_cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/", "max-age=600"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    secrets = (begun.asked["state"], begun.asked["nonce"])
    assert not any(secret in begun.cookie for secret in secrets)


async def test_a_factor_shown_there_is_as_old_here(world: World) -> None:
    # given somebody who signed in there an hour ago, with two factors
    an_hour_ago = int((world.auth.now() - HOUR).timestamp())
    world.issuer.claims = {"auth_time": an_hour_ago}

    # when they come here
    begun = await begin(world.auth, world.issuer)
    token = await refreshed(world, await begun.come_back())

    # then the session says so, and nothing else
    assert (token["auth_time"], token["acr"]) == (an_hour_ago, "urn:portal:acr:mfa")
    assert token["amr"] == ["rsp", "mfa"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"amr": None, "acr": "gold"}, id="acr"),
        pytest.param({"amr": ["mfa"], "acr": "bronze"}, id="amr"),
    ],
)
async def test_either_word_for_a_second_factor_counts(world: World, said: dict[str, Any]) -> None:
    world.issuer.claims = said

    begun = await begin(world.auth, world.issuer)

    assert "mfa" in (await refreshed(world, await begun.come_back()))["amr"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"amr": None}, id="nothing"),
        pytest.param({"amr": ["pwd", "otp"]}, id="another-amr"),
        pytest.param({"amr": None, "acr": "mfa"}, id="an-amr-as-acr"),
        pytest.param({"amr": ["gold"]}, id="an-acr-as-amr"),
        pytest.param({"amr": "mfa"}, id="amr-is-no-list"),
        pytest.param({"amr": [["mfa"]], "acr": ["gold"]}, id="other-types"),
    ],
)
async def test_where_a_factor_is_compulsory_nothing_else_counts(
    world: World, said: dict[str, Any]
) -> None:
    world.issuer.claims = said

    begun = await begin(world.auth, world.issuer)
    answer = await begun.come_back()

    assert (answer.status, answer.headers["Location"]) == (302, "https://reseller-portal.example")
    assert await world.sessions() == 0


async def test_before_the_deadline_one_factor_is_enough(world: World) -> None:
    # given an account that may still do without for a while
    created_at = world.auth.now() + timedelta(days=10)
    await world.set(created_at=created_at)
    world.issuer.claims = {"amr": ["pwd"]}

    # when it signs in with one
    begun = await begin(world.auth, world.issuer)
    token = await refreshed(world, await begun.come_back())

    # then its session has none
    assert (token["amr"], token.get("acr")) == (["rsp"], None)


async def test_one_subject_is_one_account_in_all_organisations(world: World) -> None:
    known = IssuerSubject(world.issuer.url, SUBJECT)

    with pytest.raises(DuplicateKeyError):
        await add_account(world.auth, RITA, org="100002.rsp", issuer_subject=known)


async def test_an_account_without_a_password_here_has_none_to_guess(world: World) -> None:
    for password in ("", "None", "rita"):
        body = {"username": "rita", "password": password or " ", "tenant": RITA.org}
        answer = await world.auth.post("/v1/login", as_=ANYBODY, json=body)
        assert (answer.status, answer.body["code"]) == (401, "login_refused")


async def test_a_device_is_known_again_though_its_cookie_does_not_cross_sites(
    world: World,
) -> None:
    # given a browser that signed in before
    first = await (await begin(world.auth, world.issuer)).come_back()
    device = next(
        one.partition(";")[0]
        for one in first.headers.getall("Set-Cookie")
        if one.startswith("portal_device=")
    )

    # when it begins with its device cookie and comes back without
    again = await begin(world.auth, world.issuer, headers={"Cookie": device})
    second = await again.come_back()

    # then it is the same device
    cookies = second.headers.getall("Set-Cookie")
    assert any(one.startswith(device.rpartition(".")[0].rpartition(".")[0]) for one in cookies)


async def test_the_sign_in_page_learns_that_there_is_this_way(world: World) -> None:
    answer = await world.auth.get("/v1/login", as_=ANYBODY)

    assert answer.body == {"ways": ["password", "reseller_portal"]}


async def test_before_the_deadline_only_who_showed_one_factor_is_reminded(world: World) -> None:
    # given an account that may still do without a second factor for a while
    await world.set(created_at=world.auth.now() + timedelta(days=10))
    reminded = []

    # when it signs in with two factors and with one
    for amr in (["mfa"], ["pwd"]):
        world.issuer.claims = {"amr": amr}
        done = await (await begin(world.auth, world.issuer)).come_back()
        reminded.append([one["code"] for one in (await tokens_of(world, done))["notices"]])

    # then the second time it is reminded
    assert reminded == [[], ["totp_due"]]


async def test_what_one_replica_began_another_ends(world: World) -> None:
    async with another_replica(world) as another:
        # given a sign-in that began at one replica
        begun = await begin(world.auth, world.issuer)

        # when the browser comes back to another, and again to the first
        first = await replace(begun, client=another).come_back()
        second = await begun.come_back()

    # then it is signed in once
    assert (first.status, second.status) == (302, 401)


async def test_nobody_is_linked_through_the_api(world: World) -> None:
    admin = a_pass(RITA.org, Permission.USER_MANAGE)
    known = {"issuer": world.issuer.url, "subject": "rsp|4712"}

    path = f"/v1/resellers/{RITA.org}/users/{world.rita}"
    changed = await world.auth.patch(path, as_=admin, json={"issuer_subject": known})

    assert (changed.status, changed.body["code"]) == (422, "invalid")


async def test_what_is_no_device_cookie_does_not_swell_the_flow(world: World) -> None:
    junk = {"Cookie": f"portal_device=pdt_{'x' * 4000}"}

    begun = await begin(world.auth, world.issuer, headers=junk)

    assert len(begun.set_cookie) < 1024
    assert (await begun.come_back()).status == 302
