"""Guesses are held back, the owner is not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.auth.app import open_auth
from shared.contracts.events import Service
from shared.tokens import ENROLMENT_HEADER
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    add_account,
    as_enrolling,
    as_signed_in,
    auth_settings,
    code_now,
    sign_in,
)
from tests.support.guessing import WRONG, Guesser, another_replica
from tests.support.service import Client, running

FREE = 3
FREE_OF_SOURCE = 6
FREE_OF_ORG = 12
A_SECOND = timedelta(seconds=1)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(
        mongo_url,
        throttle_account_failures=FREE,
        throttle_source_failures=FREE_OF_SOURCE,
        throttle_org_failures=FREE_OF_ORG,
    )
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client)
        yield client


async def test_a_few_wrong_passwords_cost_nothing(auth: Client) -> None:
    await Guesser(auth).passwords(FREE)

    assert await Guesser(auth).gets_in()


async def test_after_that_the_right_one_is_refused_until_the_wait_is_over(auth: Client) -> None:
    await Guesser(auth).passwords(FREE + 1)

    refused = await Guesser(auth).gets_in()
    auth.now.advance(A_SECOND)
    taken = await Guesser(auth).gets_in()

    assert (refused, taken) == (False, True)


async def test_each_further_failure_doubles_the_wait(auth: Client) -> None:
    await Guesser(auth).passwords(FREE + 1)
    auth.now.advance(A_SECOND)
    await Guesser(auth).passwords(1)

    auth.now.advance(A_SECOND)
    too_soon = await Guesser(auth).gets_in()
    auth.now.advance(A_SECOND)
    in_time = await Guesser(auth).gets_in()

    assert (too_soon, in_time) == (False, True)


async def test_what_is_held_back_makes_the_wait_no_longer(auth: Client) -> None:
    await Guesser(auth).passwords(FREE + 1)
    await Guesser(auth).passwords(20)

    auth.now.advance(A_SECOND)

    assert await Guesser(auth).gets_in()


async def test_a_right_password_ends_the_wait_of_its_account(auth: Client) -> None:
    await Guesser(auth).passwords(FREE)
    await Guesser(auth).gets_in()

    await Guesser(auth).passwords(FREE)

    assert await Guesser(auth).gets_in()


async def test_counters_are_shared_by_replicas_and_outlive_them(auth: Client) -> None:
    async with another_replica(auth) as other:
        await Guesser(auth).passwords(FREE // 2)
        await Guesser(other).passwords(FREE + 1 - FREE // 2)
        by_one, by_other = await Guesser(auth).gets_in(), await Guesser(other).gets_in()

    async with another_replica(auth) as restarted:
        after_restart = await Guesser(restarted).gets_in()

    assert (by_one, by_other, after_restart) == (False, False, False)


async def test_many_guesses_at_the_same_instant_get_no_further_than_one_by_one(
    auth: Client,
) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(30):
            group.create_task(Guesser(auth).password())
        late = group.create_task(Guesser(auth).password(PASSWORD))

    assert late.result().status == 401


async def test_right_passwords_at_the_same_instant_all_get_in(auth: Client) -> None:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(Guesser(auth).password(PASSWORD)) for _ in range(20)]

    assert {one.result().status for one in tries} == {200}


async def test_one_source_over_many_users_is_slowed_for_all_of_them(auth: Client) -> None:
    guesser = Guesser(auth)
    for number in range(FREE_OF_SOURCE + 1):
        await guesser.passwords(1, username=f"user-{number}", org=f"20000{number}.sms")

    same_source, other_source = await guesser.gets_in(), await Guesser(auth).gets_in()
    auth.now.advance(A_SECOND)
    later = await guesser.gets_in()

    assert (same_source, other_source, later) == (False, True, True)


async def test_addresses_of_one_ipv6_network_are_one_source(auth: Client) -> None:
    for number in range(FREE_OF_SOURCE + 1):
        guesser = Guesser(auth, f"2001:db8:1:1::{number}")
        await guesser.passwords(1, username=f"user-{number}", org=f"20000{number}.sms")

    same, other = Guesser(auth, "2001:db8:1:1:f::9"), Guesser(auth, "2001:db8:1:2::1")

    assert (await same.gets_in(), await other.gets_in()) == (False, True)


async def test_an_own_account_does_not_clear_the_counter_of_its_source(auth: Client) -> None:
    guesser = Guesser(auth)
    for number in range(FREE_OF_SOURCE + 1):
        if number == FREE_OF_SOURCE:
            assert await guesser.gets_in()
        await guesser.passwords(1, username=f"user-{number}")

    assert not await guesser.gets_in()


async def test_many_sources_over_one_tenant_are_slowed_in_it_alone(auth: Client) -> None:
    neighbour = "200001.sms"
    await add_account(auth, org=neighbour)
    for number in range(FREE_OF_ORG + 1):
        await Guesser(auth).passwords(1, username=f"user-{number}")

    here = await Guesser(auth).password(PASSWORD)
    there = await Guesser(auth).password(PASSWORD, org=neighbour)
    auth.now.advance(A_SECOND)
    later = await Guesser(auth).password(PASSWORD)

    assert (here.status, there.status, later.status) == (401, 200, 200)


async def test_a_known_device_gets_in_while_strangers_are_held_back(auth: Client) -> None:
    owner = Guesser(auth, device_token=(await sign_in(auth))["device_token"])
    await Guesser(auth).passwords(FREE + 1)
    for number in range(FREE_OF_ORG + 1):
        await Guesser(auth).passwords(1, username=f"user-{number}")
        await Guesser(auth, owner.source).passwords(1, username=f"user-{number}")

    stranger = await Guesser(auth).gets_in()

    assert not stranger
    assert await owner.gets_in()


async def test_the_cookie_of_a_device_is_made_by_a_complete_sign_in(auth: Client) -> None:
    first = await Guesser(auth).password(PASSWORD)

    done = await Guesser(auth).code(first.body["challenge"], code_now(auth))

    device = next(one for one in done.headers.getall("Set-Cookie") if "portal_device=" in one)
    wanted = {"HttpOnly", "Secure", "SameSite=Strict", "Path=/v1", "Max-Age=7776000"}
    assert wanted <= set(device.split("; "))
    assert "Set-Cookie" not in first.headers


async def test_a_known_device_has_a_counter_of_its_own(auth: Client) -> None:
    token = (await sign_in(auth))["device_token"]
    device = Guesser(auth, device_token=token)
    await device.passwords(FREE + 1)

    assert not await device.gets_in()
    assert await Guesser(auth).gets_in()


async def test_a_device_is_known_for_its_own_account_alone(auth: Client) -> None:
    await add_account(auth, username="eve", email="eve@example.org")
    eves = (await sign_in(auth, replace(ADMIN, username="eve")))["device_token"]
    annas = (await sign_in(auth))["device_token"]
    forged = annas[:-1] + ("0" if annas[-1] != "0" else "1")
    await Guesser(auth).passwords(FREE + 1)

    assert not await Guesser(auth, device_token=eves).gets_in()
    assert not await Guesser(auth, device_token=forged).gets_in()
    assert not await Guesser(auth, device_token="pdt_nonsense.é").gets_in()


async def test_a_device_is_forgotten_after_ninety_days(auth: Client) -> None:
    token = (await sign_in(auth))["device_token"]
    auth.now.advance(timedelta(days=90))
    await Guesser(auth).passwords(FREE + 1)

    assert not await Guesser(auth, device_token=token).gets_in()


async def test_wrong_codes_are_held_back_and_right_passwords_do_not_help(auth: Client) -> None:
    guesser = Guesser(auth)
    for _ in range(FREE + 1):
        await guesser.code(await guesser.challenge(), "000000")

    held_back = await guesser.sign_in()
    auth.now.advance(A_SECOND)
    in_time = await guesser.sign_in()

    assert (held_back.status, in_time.status) == (401, 200)


async def test_right_codes_do_not_help_against_wrong_passwords(auth: Client) -> None:
    challenge = await Guesser(auth).challenge()
    await Guesser(auth).passwords(FREE + 1)

    assert (await Guesser(auth).code(challenge, code_now(auth))).status == 200
    assert not await Guesser(auth).gets_in()


async def test_codes_guessed_at_the_same_instant_are_held_back_too(auth: Client) -> None:
    challenge = await Guesser(auth).challenge()

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(Guesser(auth).code(challenge, f"{number:06}"))
    then = await Guesser(auth).code(challenge, code_now(auth))

    assert then.status == 401


async def test_a_right_code_that_was_used_already_is_no_guess(auth: Client) -> None:
    challenge, code = await Guesser(auth).challenge(), code_now(auth)
    await Guesser(auth).code(challenge, code)
    for _ in range(FREE + 3):
        assert (await Guesser(auth).code(challenge, code)).status == 401
    auth.now.advance(timedelta(seconds=30))

    assert (await Guesser(auth).code(challenge, code_now(auth))).status == 200


async def test_a_code_sent_fifty_times_at_once_is_taken_once(auth: Client) -> None:
    challenge, code = await Guesser(auth).challenge(), code_now(auth)

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(Guesser(auth).code(challenge, code)) for _ in range(50)]

    assert sorted(one.result().status for one in tries) == [200] + 49 * [401]


async def test_wrong_codes_of_strangers_leave_a_known_device_alone(auth: Client) -> None:
    token = (await sign_in(auth))["device_token"]
    auth.now.advance(timedelta(minutes=1))
    stranger = Guesser(auth)
    for _ in range(FREE + 1):
        await stranger.code(await stranger.challenge(), "000000")

    assert (await stranger.sign_in()).status == 401
    assert (await Guesser(auth, device_token=token).sign_in()).status == 200


async def test_the_old_password_is_guessed_at_no_faster(auth: Client) -> None:
    caller = as_signed_in(await sign_in(auth))
    wrong = {"old_password": WRONG, "new_password": "something else entirely"}
    for _ in range(FREE + 1):
        refused = await auth.post("/v1/me/password", as_=caller, json=wrong)
        assert (refused.status, refused.body["code"]) == (403, "old_password_wrong")

    right = {**wrong, "old_password": PASSWORD}
    held_back = await auth.post("/v1/me/password", as_=caller, json=right)
    auth.now.advance(A_SECOND)
    in_time = await auth.post("/v1/me/password", as_=caller, json=right)

    assert (held_back.status, in_time.status) == (403, 204)
    assert held_back.body["code"] == "old_password_wrong"


async def test_strangers_do_not_hold_back_a_change_of_password(auth: Client) -> None:
    caller = as_signed_in(await sign_in(auth))
    await Guesser(auth).passwords(FREE + 3)

    change = {"old_password": PASSWORD, "new_password": "something else entirely"}

    assert (await auth.post("/v1/me/password", as_=caller, json=change)).status == 204


async def test_the_first_code_of_an_activation_is_guessed_at_no_faster(auth: Client) -> None:
    account_id = await add_account(auth, username="newcomer", totp_secret=None)
    caller = as_enrolling(account_id)
    login = {"username": "newcomer", "password": PASSWORD, "tenant": ADMIN.org}
    challenge = (await auth.post("/v1/login", as_=ANYBODY, json=login)).body["challenge"]
    headers = {ENROLMENT_HEADER: challenge}
    offered = await auth.post("/v1/me/totp", as_=caller, json={}, headers=headers)
    for _ in range(FREE + 1):
        wrong = await auth.post(
            "/v1/me/totp/confirm", as_=caller, json={"code": "000000"}, headers=headers
        )
        assert wrong.status == 401

    right = {"code": code_now(auth, offered.body["secret"])}
    held_back = await auth.post("/v1/me/totp/confirm", as_=caller, json=right, headers=headers)
    auth.now.advance(A_SECOND)
    in_time = await auth.post("/v1/me/totp/confirm", as_=caller, json=right, headers=headers)

    assert (held_back.status, in_time.status) == (401, 200)
