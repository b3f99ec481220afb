"""Devices take seats: once each, and never more than there are."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from services.licensing.app import open_licensing
from shared.access import Permission
from shared.contracts.events import Service
from shared.contracts.licensing import DeviceActivated, DeviceDeactivated, LicenceOverused
from shared.passes import PUBLIC
from tests.support.licensing import (
    a_licence,
    another_replica,
    knowing_two_customers,
    licensing_settings,
)
from tests.support.service import Answer, Client, a_pass, running

ANYBODY = a_pass(PUBLIC)
ADMIN = a_pass("123456.sms", Permission.DEVICE_MANAGE, Permission.DEVICE_READ)
DEVICES = "/v1/tenants/123456.sms/devices"


def a_device(key: str, number: int | str = 1, **more: str) -> dict[str, str]:
    known = {"licence_key": key, "name": "Tablet", "platform": "android"}
    return known | {"fingerprint": f"fingerprint-{number}"} | more


async def activate(
    licensing: Client, key: str, number: int | str = 1, *, source: str = "192.0.2.1", **more: str
) -> Answer:
    body = a_device(key, number, **more)
    headers = {"X-Forwarded-For": source}
    return await licensing.post("/v1/devices/activate", as_=ANYBODY, json=body, headers=headers)


async def activate_all(clients: list[Client], key: str, numbers: list[int]) -> list[Answer]:
    """All at once, by turns through these replicas."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(activate(clients[turn % len(clients)], key, number))
            for turn, number in enumerate(numbers)
        ]
    return [task.result() for task in tasks]


async def seats_used(licensing: Client) -> tuple[int, int]:
    """As the licence counts them, and as there are devices."""
    row = await licensing.mongo.collection("licences").find_one({"_id": "l-1"})
    devices = await licensing.mongo.collection("devices").count({"state": "active"})
    return (row or {})["seats_used"], devices


async def test_a_device_takes_a_seat_with_a_licence_key_alone(licensing: Client) -> None:
    key = await a_licence(licensing)

    answer = await activate(licensing, key)

    assert answer.status == 201
    assert answer.body["tenant_id"] == "123456.sms"
    assert answer.body["licence_id"] == "l-1"
    assert answer.body["heartbeat_every"] == "PT1H"
    assert await seats_used(licensing) == (1, 1)
    [told] = await licensing.heard(DeviceActivated)
    assert (told.device_id, told.tenant_id) == (answer.body["device_id"], "123456.sms")


async def test_of_200_devices_at_once_ten_get_the_last_ten_seats(licensing: Client) -> None:
    key = await a_licence(licensing, seats=10)

    async with another_replica(licensing) as other:
        answers = await activate_all([licensing, other], key, list(range(200)))

    assert Counter(answer.status for answer in answers) == {201: 10, 409: 190}
    assert {answer.body["code"] for answer in answers if answer.status == 409} == {"no_seat"}
    assert await seats_used(licensing) == (10, 10)
    assert len(await licensing.heard(DeviceActivated)) == 10


async def test_200_devices_at_once_all_get_a_seat_where_there_are_200(licensing: Client) -> None:
    key = await a_licence(licensing, seats=200)

    async with another_replica(licensing) as other:
        answers = await activate_all([licensing, other], key, list(range(200)))

    assert Counter(answer.status for answer in answers) == {201: 200}
    assert await seats_used(licensing) == (200, 200)


async def test_the_same_device_50_times_at_once_is_one_device(licensing: Client) -> None:
    key = await a_licence(licensing)

    async with another_replica(licensing) as other:
        answers = await activate_all([licensing, other], key, [1] * 50)

    assert Counter(answer.status for answer in answers) == {201: 1, 200: 49}
    assert len({(answer.body["device_id"], answer.body["token"]) for answer in answers}) == 1
    assert await seats_used(licensing) == (1, 1)


async def test_a_device_that_has_its_seat_needs_no_free_one(licensing: Client) -> None:
    key = await a_licence(licensing, seats=1)
    await activate(licensing, key)

    again = await activate(licensing, key, name="Renamed")

    assert again.status == 200
    assert await seats_used(licensing) == (1, 1)


async def test_one_fingerprint_on_two_licences_takes_a_seat_of_each(licensing: Client) -> None:
    first = await a_licence(licensing)
    second = await a_licence(licensing, "l-2", of="200001.sms")

    answers = [await activate(licensing, first), await activate(licensing, second)]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body["device_id"] != answers[1].body["device_id"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "reason"),
    [("2026-03-11", "2027-03-10", "ordered"), ("2025-01-01", "2026-02-07", "expired")],
)
async def test_a_licence_that_is_not_valid_takes_no_device(
    licensing: Client, starts_on: str, ends_on: str, reason: str
) -> None:
    key = await a_licence(licensing, starts_on=starts_on, ends_on=ends_on)

    answer = await activate(licensing, key)

    assert answer.status == 409
    assert (answer.body["code"], answer.body["reason"]) == ("licence_not_valid", reason)
    assert await licensing.mongo.collection("devices").count({}) == 0


@pytest.mark.parametrize(
    "flaw",
    [
        {"licence_key": {"$gt": ""}},
        {"fingerprint": {"$ne": "x"}},
        {"fingerprint": "short"},
        {"fingerprint": "with a blank"},
        {"platform": "toaster"},
        {"name": "line\nbreak"},
        {"name": ""},
        {"tenant_id": "200001.sms"},
        {"seats": 99},
    ],
)
async def test_what_a_device_says_of_itself_is_checked(
    licensing: Client, flaw: dict[str, object]
) -> None:
    key = await a_licence(licensing)
    body = {**a_device(key), **flaw}

    answer = await licensing.post("/v1/devices/activate", as_=ANYBODY, json=body)

    assert answer.status == 422
    assert await licensing.mongo.collection("devices").count({}) == 0


async def test_who_tries_unknown_keys_has_to_wait_also_with_a_known_one(licensing: Client) -> None:
    key = await a_licence(licensing)
    guess = "MS-00000-00000-00000-00000"

    guesses = [(await activate(licensing, guess)).status for _ in range(21)]
    known = await activate(licensing, key)
    elsewhere = await activate(licensing, key, source="192.0.2.2")
    licensing.now.advance(timedelta(hours=1))
    later = await activate(licensing, key, 2)

    assert Counter(guesses) == {422: 20, 429: 1}
    assert known.status == 429
    assert 0 < int(known.headers["Retry-After"]) <= 3601
    assert (elsewhere.status, later.status) == (201, 201)


async def test_a_source_that_asks_for_too_much_has_to_wait(mongo_url: str) -> None:
    settings = licensing_settings(mongo_url, activations_per_minute=3)
    async with running(Service.LICENSING, open_licensing, settings) as licensing:
        await knowing_two_customers(licensing)
        key = await a_licence(licensing)

        statuses = [(await activate(licensing, key, number)).status for number in range(4)]
        licensing.now.advance(timedelta(minutes=1))
        later = await activate(licensing, key, 9)

    assert statuses == [201, 201, 201, 429]
    assert later.status == 201


async def test_a_silent_device_gives_way_to_one_that_wants_its_seat(licensing: Client) -> None:
    key = await a_licence(licensing, seats=2)
    silent = (await activate(licensing, key, "silent")).body
    licensing.now.advance(timedelta(days=1))
    living = (await activate(licensing, key, "living")).body
    licensing.now.advance(timedelta(days=90) - timedelta(hours=1))

    wanted = await activate(licensing, key, "wanted")
    one_more = await activate(licensing, key, "one-more")

    assert (wanted.status, one_more.status) == (201, 409)
    assert await seats_used(licensing) == (2, 2)
    [told] = await licensing.heard(DeviceDeactivated)
    assert (told.device_id, told.reason) == (silent["device_id"], "silent")
    assert await beat(licensing, silent["token"]) == 401
    assert await beat(licensing, living["token"]) == 200


async def beat(licensing: Client, token: str) -> int:
    body = {"token": token}
    return (await licensing.post("/v1/devices/heartbeat", as_=ANYBODY, json=body)).status


async def test_a_silent_device_that_activates_again_keeps_its_seat(licensing: Client) -> None:
    key = await a_licence(licensing, seats=1)
    first = await activate(licensing, key, "silent")
    licensing.now.advance(timedelta(days=91))

    again = await activate(licensing, key, "silent")
    other = await activate(licensing, key, "new")

    assert (again.status, again.body["token"]) == (200, first.body["token"])
    assert (other.status, other.body["code"]) == (409, "no_seat")


async def test_of_50_that_want_one_silent_seat_one_gets_it(licensing: Client) -> None:
    key = await a_licence(licensing, seats=1)
    await activate(licensing, key, "silent")
    licensing.now.advance(timedelta(days=91))

    answers = await activate_all([licensing], key, list(range(50)))

    assert Counter(answer.status for answer in answers) == {201: 1, 409: 49}
    assert await seats_used(licensing) == (1, 1)


async def test_no_seat_is_reclaimed_where_that_is_not_wanted(mongo_url: str) -> None:
    settings = licensing_settings(mongo_url, device_reclaim="never")
    async with running(Service.LICENSING, open_licensing, settings) as licensing:
        await knowing_two_customers(licensing)
        key = await a_licence(licensing, seats=1)
        await activate(licensing, key, "silent")
        licensing.now.advance(timedelta(days=200))

        answer = await activate(licensing, key, "wanted")

    assert (answer.status, answer.body["code"]) == (409, "no_seat")


async def test_a_product_may_be_over_used_by_so_much_and_says_so(mongo_url: str) -> None:
    settings = licensing_settings(mongo_url, overage_percent={"mobile-security": 20})
    async with running(Service.LICENSING, open_licensing, settings) as licensing:
        await knowing_two_customers(licensing)
        key = await a_licence(licensing, seats=10)
        strict = await a_licence(licensing, "l-2", product="mdm", seats=1)

        answers = await activate_all([licensing], key, list(range(20)))
        of_another_product = await activate_all([licensing], strict, [1, 2])

        assert Counter(answer.status for answer in answers) == {201: 12, 409: 8}
        assert Counter(answer.status for answer in of_another_product) == {201: 1, 409: 1}
        told = await licensing.heard(LicenceOverused)
        assert sorted(each.seats_used for each in told) == [11, 12]


async def test_an_activation_needs_no_permission_but_the_gateways_pass(licensing: Client) -> None:
    key = await a_licence(licensing)

    answer = await licensing.post("/v1/devices/activate", as_=None, json=a_device(key))

    assert answer.status == 401
