"""Devices after their activation: listed, heard of, removed."""

import io
import sys
from datetime import timedelta

import pytest

from services.licensing.actions.devices import reclaim_seats
from services.licensing.app import build, open_licensing
from services.licensing.clients.device_tokens import DeviceTokens
from shared.access import Permission
from shared.contracts.events import Service
from shared.contracts.licensing import DeviceActivated, DeviceDeactivated
from shared.keys import vault_keys
from shared.logs import configure_logging
from shared.passes import NOBODY, PUBLIC
from tests.support.licensing import (
    DEVICE_KEYS,
    a_licence,
    knowing_two_customers,
    licensing_settings,
)
from tests.support.service import NOON, Answer, Client, a_pass, running

ANYBODY = a_pass(PUBLIC)
ADMIN = a_pass("123456.sms", Permission.DEVICE_MANAGE, Permission.DEVICE_READ)
READER = a_pass("123456.sms", Permission.DEVICE_READ)
DEVICES = "/v1/tenants/123456.sms/devices"


def a_device(number: int | str = 1, *, licence_id: str = "l-1") -> dict[str, str]:
    fingerprint = f"fingerprint-{number}"
    return {
        "licence_id": licence_id,
        "fingerprint": fingerprint,
        "name": f"Tablet {number}",
        "platform": "ios",
    }


async def add(licensing: Client, number: int | str = 1, **more: str) -> Answer:
    return await licensing.post(DEVICES, as_=ADMIN, json=a_device(number, **more))


async def beat(licensing: Client, token: str) -> Answer:
    return await licensing.post("/v1/devices/heartbeat", as_=ANYBODY, json={"token": token})


async def last_seen(licensing: Client) -> object:
    [device] = (await licensing.get(DEVICES, as_=READER)).body["items"]
    return device["last_seen_at"]


async def test_what_a_device_does_itself_names_no_account_as_its_actor(
    licensing: Client,
) -> None:
    key = await a_licence(licensing)
    device = {name: value for name, value in a_device().items() if name != "licence_id"}

    answer = await licensing.post(
        "/v1/devices/activate",
        as_=a_pass(PUBLIC, subject=NOBODY, org=""),
        json={**device, "licence_key": key},
    )

    assert answer.status == 201
    (told,) = await licensing.envelopes(DeviceActivated)
    assert (told.actor, told.actororg) == (None, None)
    assert told.correlationid


async def test_an_admin_adds_lists_and_removes_a_device(licensing: Client) -> None:
    await a_licence(licensing, seats=1)
    added = await add(licensing)
    device_id = added.body["device_id"]

    listed = (await licensing.get(DEVICES, as_=READER)).body
    removed = await licensing.delete(f"{DEVICES}/{device_id}", as_=ADMIN)
    twice = await licensing.delete(f"{DEVICES}/{device_id}", as_=ADMIN)

    assert added.status == 201
    assert listed == {
        "items": [
            {
                "id": device_id,
                "licence_id": "l-1",
                "name": "Tablet 1",
                "platform": "ios",
                "fingerprint": "fingerprint-1",
                "activated_at": "2026-03-10T12:00:00Z",
                "last_seen_at": "2026-03-10T12:00:00Z",
                "is_silent": False,
            }
        ],
        "next_cursor": None,
    }
    assert (removed.status, twice.status) == (204, 404)
    assert (await licensing.get(DEVICES, as_=READER)).body["items"] == []
    [told] = await licensing.heard(DeviceDeactivated)
    assert (told.device_id, told.reason) == (device_id, "by_admin")


async def test_a_removed_device_frees_its_seat_and_comes_back_as_another(
    licensing: Client,
) -> None:
    await a_licence(licensing, seats=1)
    first = (await add(licensing, "a")).body
    full = await add(licensing, "b")
    await licensing.delete(f"{DEVICES}/{first['device_id']}", as_=ADMIN)

    back = (await add(licensing, "a")).body

    assert (full.status, full.body["code"]) == (409, "no_seat")
    assert back["device_id"] != first["device_id"]
    assert (await beat(licensing, first["token"])).status == 401
    assert (await beat(licensing, back["token"])).status == 200


async def test_a_device_gives_its_seat_back_itself_and_once(licensing: Client) -> None:
    await a_licence(licensing, seats=1)
    body = {"token": (await add(licensing, "a")).body["token"]}

    first = await licensing.post("/v1/devices/deactivate", as_=ANYBODY, json=body)
    second = await licensing.post("/v1/devices/deactivate", as_=ANYBODY, json=body)
    other = await add(licensing, "b")

    assert (first.status, second.status, other.status) == (204, 401, 201)
    row = await licensing.mongo.collection("licences").find_one({"_id": "l-1"})
    assert (row or {})["seats_used"] == 1


async def test_a_heartbeat_is_written_down_once_in_its_interval(licensing: Client) -> None:
    await a_licence(licensing)
    shown = (await add(licensing)).body
    seen = []

    for minutes in (59, 1, 59, 1):
        licensing.now.advance(timedelta(minutes=minutes))
        await beat(licensing, shown["token"])
        seen.append(await last_seen(licensing))

    assert shown["heartbeat_every"] == "PT1H"
    assert seen == [
        "2026-03-10T12:00:00Z",
        "2026-03-10T13:00:00Z",
        "2026-03-10T13:00:00Z",
        "2026-03-10T14:00:00Z",
    ]


async def test_a_forged_token_is_refused_like_that_of_a_removed_device(
    licensing: Client,
) -> None:
    await a_licence(licensing)
    shown = (await add(licensing)).body
    device_id, token = shown["device_id"], shown["token"]
    foreign = DeviceTokens(vault_keys()).make(device_id)
    forged = [
        foreign,
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.upper(),
        token + "\n",
        f"msdt_{device_id}_",
        DeviceTokens(DEVICE_KEYS).make("0" * 32),
        "",
    ]

    refused = [await beat(licensing, each) for each in forged]

    assert {answer.status for answer in refused} == {401}
    assert {answer.body["code"] for answer in refused} == {"device_not_activated"}
    assert DeviceTokens(DEVICE_KEYS).make(device_id) == token


@pytest.mark.parametrize("query", [{"licence_id": "x" * 65}, {"limit": "0"}, {"tenant": "x"}])
async def test_a_list_takes_no_query_that_it_does_not_know(
    licensing: Client, query: dict[str, str]
) -> None:
    answer = await licensing.get(DEVICES, params=query, as_=READER)

    assert answer.status == 422


async def test_devices_are_listed_newest_first_and_by_licence(licensing: Client) -> None:
    await a_licence(licensing)
    await a_licence(licensing, "l-2")
    for number in range(3):
        await add(licensing, number)
        licensing.now.advance(timedelta(minutes=1))
    await add(licensing, 9, licence_id="l-2")

    first = (await licensing.get(DEVICES, params={"limit": "2"}, as_=READER)).body
    query = {"limit": "2", "cursor": first["next_cursor"]}
    second = (await licensing.get(DEVICES, params=query, as_=READER)).body
    of_one = (await licensing.get(DEVICES, params={"licence_id": "l-1"}, as_=READER)).body

    assert [one["name"] for one in first["items"]] == ["Tablet 9", "Tablet 2"]
    assert [one["name"] for one in second["items"]] == ["Tablet 1", "Tablet 0"]
    assert len(of_one["items"]) == 3


async def test_nobody_reaches_the_devices_and_licences_of_others(licensing: Client) -> None:
    await a_licence(licensing, "l-1", of="200001.sms")
    place = "/v1/tenants/200001.sms/devices"
    owner = a_pass("200001.sms", Permission.DEVICE_MANAGE)
    theirs = (await licensing.post(place, as_=owner, json=a_device())).body["device_id"]

    with_foreign_licence = await add(licensing)
    foreign = await licensing.delete(f"{DEVICES}/{theirs}", as_=ADMIN)
    other_place = await licensing.delete(f"{place}/{theirs}", as_=ADMIN)
    by_reader = await licensing.delete(f"{DEVICES}/{theirs}", as_=READER)
    added_by_reader = await licensing.post(DEVICES, as_=READER, json=a_device())
    unlisted = await licensing.get(DEVICES, as_=a_pass("123456.sms", Permission.LICENCE_READ))

    assert (with_foreign_licence.status, with_foreign_licence.body["code"]) == (
        422,
        "unknown_licence",
    )
    assert (foreign.status, other_place.status) == (404, 401)
    assert (by_reader.status, added_by_reader.status, unlisted.status) == (403, 403, 403)
    assert (await licensing.get(DEVICES, as_=READER)).body["items"] == []


async def test_silent_devices_lose_their_seats_by_themselves_where_that_is_the_rule(
    mongo_url: str,
) -> None:
    settings = licensing_settings(mongo_url, device_reclaim="always")
    async with running(Service.LICENSING, open_licensing, settings) as licensing:
        await knowing_two_customers(licensing)
        await a_licence(licensing)
        tokens = [(await add(licensing, number)).body["token"] for number in range(3)]
        licensing.now.advance(timedelta(days=90))
        await beat(licensing, tokens[2])
        licensing.now.advance(timedelta(minutes=1))

        async with licensing.acting(build) as deps:
            await reclaim_seats(deps)
            await reclaim_seats(deps)

        left = (await licensing.get(DEVICES, as_=READER)).body["items"]
        told = await licensing.heard(DeviceDeactivated)
        row = await licensing.mongo.collection("licences").find_one({"_id": "l-1"})

    assert [device["name"] for device in left] == ["Tablet 2"]
    assert [each.reason for each in told] == ["silent", "silent"]
    assert (row or {})["seats_used"] == 1


async def test_no_log_has_a_token_or_a_licence_key(
    licensing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = io.StringIO()
    monkeypatch.setattr(sys, "stderr", logged)
    configure_logging(level="DEBUG", readable=False)

    key = await a_licence(licensing)
    token = (await add(licensing)).body["token"]
    await beat(licensing, token)
    monkeypatch.undo()
    configure_logging(readable=True)

    assert "device_activated" in logged.getvalue()
    assert token not in logged.getvalue()
    assert key not in logged.getvalue()


async def test_a_device_shows_as_silent_after_90_days(licensing: Client) -> None:
    await a_licence(licensing)
    await add(licensing)
    licensing.now.advance(timedelta(days=90, seconds=1))

    [device] = (await licensing.get(DEVICES, as_=READER)).body["items"]

    assert device["is_silent"] is True
    assert licensing.now() > NOON
