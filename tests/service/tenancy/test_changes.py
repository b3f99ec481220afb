"""What changes, in the order in which everybody may follow it, and in whose stream it is."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from services.tenancy.domain.changes import moment
from shared.access import Permission
from shared.contracts.tenancy import ChangesFiled
from shared.passes import ENROLMENT, Pass
from tests.service.tenancy.happenings import happen, removed
from tests.support.service import NOON, Client, a_pass
from tests.support.tenancy import add_tenant

PATH = "/v1/events/stream"
TENANT, OTHER = "123456.sms", "200001.sms"
READER = a_pass(TENANT, Permission.ACTIVITY_READ)
LONG_AGO = {"Last-Event-ID": str(moment(NOON - timedelta(hours=1)))}


def reader_of(org: str) -> Pass:
    return a_pass(org, Permission.ACTIVITY_READ, org=org)


async def blocks(
    tenancy: Client, reader: Pass, headers: dict[str, str] = LONG_AGO, **params: Any
) -> list[dict[str, str]]:
    answer = await tenancy.get(PATH, as_=reader, headers=headers, params=params)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    return [
        dict(line.partition(": ")[::2] for line in block.splitlines())
        for block in (answer.body or "").split("\n\n")[:-1]
    ]


def places(told: list[dict[str, str]]) -> list[str]:
    return [json.loads(block["data"])["place"] for block in told]


async def test_a_tenant_follows_itself_and_its_reseller_follows_all_its_customers(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, TENANT)
    await add_tenant(tenancy, OTHER, of="100002.rsp")
    await happen(tenancy, removed(org=TENANT))
    await happen(tenancy, removed(org=OTHER))

    own = await blocks(tenancy, READER)
    reseller = await blocks(tenancy, reader_of("100001.rsp"))
    vendor = await blocks(tenancy, reader_of("vendor"))

    assert set(places(own)) == {TENANT}
    assert set(places(reseller)) == {"100001.rsp", TENANT}
    assert set(places(vendor)) == {"100001.rsp", "100002.rsp", TENANT, OTHER}
    assert json.loads(own[-1]["data"]) == {
        "type": "totp.removed",
        "place": TENANT,
        "subject": "anna",
        "occurred_at": NOON.isoformat(),
    }


async def test_one_goes_on_after_the_last_one_that_one_has(tenancy: Client) -> None:
    for _ in range(5):
        await happen(tenancy, removed())

    first = await blocks(tenancy, READER, limit=2)
    second = await blocks(tenancy, READER, {"Last-Event-ID": first[-1]["id"]})
    none = await blocks(tenancy, READER, {"Last-Event-ID": second[-1]["id"]})

    ids = [int(block["id"]) for block in first + second]
    assert (len(first), len(second), none) == (2, 3, [])
    assert ids == sorted(set(ids))


async def test_whoever_comes_new_starts_now(tenancy: Client) -> None:
    await happen(tenancy, removed())

    (told,) = await blocks(tenancy, READER, {})

    assert told == {"id": str(moment(NOON))}


async def test_whoever_was_away_for_too_long_is_told_so(tenancy: Client) -> None:
    away = {"Last-Event-ID": str(moment(NOON - timedelta(days=2)))}

    (told,) = await blocks(tenancy, READER, away)

    assert told == {"event": "missed", "data": "{}"}


@pytest.mark.parametrize("position", ["", "-1", "x", "1" * 19, "१", "1.0", "1, 2"])
async def test_a_position_that_never_was_one_is_refused(tenancy: Client, position: str) -> None:
    answer = await tenancy.get(PATH, as_=READER, headers={"Last-Event-ID": position})

    assert (answer.status, answer.body["code"]) == (422, "unknown_position")


async def test_whoever_is_signed_in_may_follow_but_not_who_is_about_to_be(tenancy: Client) -> None:
    sales = await tenancy.get(PATH, as_=a_pass(TENANT, Permission.TENANT_READ))
    enrolling = await tenancy.get(PATH, as_=a_pass(TENANT, session=ENROLMENT))

    assert [one.status for one in (sales, enrolling)] == [200, 401]


async def test_what_is_filed_twice_at_once_is_told_once_and_in_order(tenancy: Client) -> None:
    for _ in range(20):
        await happen(tenancy, removed())

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(blocks(tenancy, READER)) for _ in range(4)]
    told = await blocks(tenancy, READER)

    positions = [int(block["id"]) for block in told]
    assert len(positions) == 20
    assert positions == sorted(set(positions))
    for task in asked:
        assert task.result() == told[: len(task.result())]


async def test_those_who_follow_are_woken_for_the_places_that_changed(tenancy: Client) -> None:
    await add_tenant(tenancy, TENANT)
    await happen(tenancy, removed())
    await blocks(tenancy, READER)

    woken = {org for event in await tenancy.heard(ChangesFiled) for org in event.orgs}

    assert {TENANT, "100001.rsp"} <= woken
