"""Licences that are billed by use: no limit of devices, each day measured once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.licensing.actions.usage import measure_usage
from services.licensing.app import build
from shared.access import Permission
from tests.support.licensing import a_licence
from tests.support.service import Client, a_pass

USAGE = "/v1/tenants/123456.sms/licences/l-1/usage"
DEVICES = "/v1/tenants/123456.sms/devices"
ADMIN = a_pass("123456.sms", Permission.DEVICE_MANAGE, Permission.LICENCE_READ)


async def an_msp_licence(licensing: Client, licence_id: str = "l-1") -> None:
    await a_licence(licensing, licence_id, seats=1)
    by_use = {"model": "msp", "seats": None, "ends_on": None}
    await licensing.mongo.collection("licences").update({"_id": licence_id}, {"$set": by_use})


async def add(licensing: Client, number: int) -> str:
    body = {
        "licence_id": "l-1",
        "fingerprint": f"fingerprint-{number}",
        "name": "Tablet",
        "platform": "ios",
    }
    answer = await licensing.post(DEVICES, as_=ADMIN, json=body)
    assert answer.status == 201
    return str(answer.body["device_id"])


async def measure(licensing: Client, *, at_once: int = 1) -> None:
    async with licensing.acting(build) as deps, asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(measure_usage(deps))


async def measured(licensing: Client, month: str = "2026-03") -> list[tuple[str, int]]:
    answer = await licensing.get(USAGE, as_=ADMIN, params={"month": month})
    return [(each["day"], each["seats_used"]) for each in answer.body["items"]]


async def test_each_day_counts_the_devices_at_its_end_whenever_it_is_measured(
    licensing: Client,
) -> None:
    await an_msp_licence(licensing)
    first = await add(licensing, 1)
    await add(licensing, 2)
    licensing.now.advance(timedelta(days=1))
    await licensing.delete(f"{DEVICES}/{first}", as_=ADMIN)
    await measure(licensing)
    licensing.now.advance(timedelta(days=1))
    await add(licensing, 3)
    await add(licensing, 4)
    licensing.now.advance(timedelta(days=2))

    await measure(licensing, at_once=5)
    await measure(licensing)

    assert await measured(licensing) == [
        ("2026-03-10", 2),
        ("2026-03-11", 1),
        ("2026-03-12", 3),
        ("2026-03-13", 3),
    ]
    assert await measured(licensing, "2026-04") == []


async def test_licences_with_seats_are_not_measured(licensing: Client) -> None:
    await a_licence(licensing)
    licensing.now.advance(timedelta(days=2))

    await measure(licensing)

    assert await measured(licensing) == []


async def test_a_licence_without_a_limit_carries_any_number_of_devices(licensing: Client) -> None:
    await an_msp_licence(licensing)

    ids = {await add(licensing, number) for number in range(30)}

    assert len(ids) == 30


@pytest.mark.parametrize("query", [{}, {"month": "2026-13"}, {"month": "03/2026"}])
async def test_usage_is_asked_for_by_month(licensing: Client, query: dict[str, Any]) -> None:
    answer = await licensing.get(USAGE, as_=ADMIN, params=query)

    assert answer.status == 422


async def test_nobody_reads_the_usage_of_others(licensing: Client) -> None:
    await an_msp_licence(licensing)
    await add(licensing, 1)
    licensing.now.advance(timedelta(days=1))
    await measure(licensing)
    other = a_pass("200001.sms", Permission.LICENCE_READ)
    query = {"month": "2026-03"}

    foreign = await licensing.get(
        "/v1/tenants/200001.sms/licences/l-1/usage", as_=other, params=query
    )
    unlicensed = await licensing.get(USAGE, as_=a_pass("123456.sms"), params=query)

    assert foreign.body["items"] == []
    assert unlicensed.status == 403
