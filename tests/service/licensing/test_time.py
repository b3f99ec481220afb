"""What time does to licences: states that pass, reminders, seats that run out."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.licensing.actions.pass_time import pass_time
from services.licensing.app import build
from shared.access import Permission
from shared.contracts.licensing import LicenceChanged, LicenceEndAnnounced, LicenceSeatsAnnounced
from tests.service.licensing.test_licences import grant
from tests.service.licensing.test_managing import MANAGER, RESELLER, TENANT
from tests.support.licensing import a_licence, another_replica
from tests.support.service import Client, a_pass

DEVICES = a_pass("123456.sms", *Permission)


async def noticed(licensing: Client) -> None:
    async with licensing.acting(build) as deps:
        await pass_time(deps)


async def go_to(licensing: Client, day: str) -> None:
    licensing.now.instant = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    await noticed(licensing)


async def ledger(licensing: Client) -> list[str]:
    path = f"{TENANT}/licences/l-1/history"
    answer = await licensing.get(path, as_=MANAGER[TENANT])
    return [item["act"] for item in answer.body["items"]]


@pytest.mark.parametrize("due", [0, 3])
async def test_what_time_costs_grows_with_what_is_due_and_not_with_what_exists(
    licensing: Client, due: int
) -> None:
    for number in range(30):
        ends_on = "2026-04-20" if number < due else "2027-03-09"
        await a_licence(licensing, f"l-{number}", ends_on=ends_on)
    licensing.now.instant = datetime(2026, 3, 22, 12, tzinfo=UTC)
    database = licensing.mongo._database
    await database.command("profile", 2)

    await noticed(licensing)

    await database.command("profile", 0)
    claims = {"ns": f"{database.name}.licences", "command.findAndModify": "licences"}
    seen = await database["system.profile"].find(claims).to_list(None)
    assert len(seen) == due + 1
    assert {one["planSummary"] for one in seen} == {"IXSCAN { next_due_at: 1 }"}
    assert sum(one["docsExamined"] for one in seen) == due
    assert sum(one["keysExamined"] for one in seen) == due
    assert len(await licensing.heard(LicenceEndAnnounced)) == due


async def test_every_state_that_time_brings_is_an_event_and_a_line_in_the_ledger(
    licensing: Client,
) -> None:
    await grant(licensing, "l-1")

    for day in ("2027-02-07", "2027-02-08", "2027-03-10", "2027-04-09", "2027-07-08"):
        await go_to(licensing, day)

    told = await licensing.heard(LicenceChanged)
    assert [(each.act, each.state) for each in told] == [
        ("passed", state) for state in ("expiring", "grace", "expired", "archived")
    ]
    assert await ledger(licensing) == ["passed"] * 4 + ["created"]


async def test_the_end_is_announced_once_per_date_with_all_that_a_mail_needs(
    licensing: Client,
) -> None:
    await grant(licensing, "l-1")

    for day in ("2027-01-08", "2027-01-09", "2027-02-07", "2027-02-23", "2027-03-02", "2027-03-08"):
        for _ in range(2):
            await go_to(licensing, day)

    told = await licensing.heard(LicenceEndAnnounced)
    assert [each.days_left for each in told] == [60, 30, 14, 7, 1]
    assert (told[0].tenant_name, told[0].product_name, told[0].ends_on.isoformat()) == (
        "Acme",
        "Mobile Device Management",
        "2027-03-09",
    )


async def test_a_week_without_a_clock_is_caught_up_without_a_double(licensing: Client) -> None:
    await grant(licensing, "l-1")
    await go_to(licensing, "2027-02-22")
    before = len(await licensing.heard(LicenceEndAnnounced))

    await go_to(licensing, "2027-03-08")

    told = await licensing.heard(LicenceEndAnnounced)
    assert [each.days_left for each in told[before:]] == [1]


async def test_after_a_renewal_nothing_is_announced(licensing: Client) -> None:
    await grant(licensing, "l-1")
    await go_to(licensing, "2027-02-06")
    before = len(await licensing.heard(LicenceEndAnnounced))
    fresh = a_pass("100001.rsp", *Permission, factor_at=int(licensing.now().timestamp()))
    path = f"{RESELLER}/licences/l-1/renew"
    await licensing.post(path, as_=fresh, json={"term_months": 12})

    for day in ("2027-02-07", "2027-02-23", "2027-03-08", "2027-05-01"):
        await go_to(licensing, day)

    assert before == 1
    assert len(await licensing.heard(LicenceEndAnnounced)) == 1
    assert len(await licensing.heard(LicenceChanged)) == 1  # the renewal itself


async def test_replicas_share_the_work_and_none_does_it_twice(licensing: Client) -> None:
    for number in range(40):
        await grant(licensing, f"l-{number}")
    licensing.now.instant = datetime(2027, 3, 8, 12, tzinfo=UTC)

    async with another_replica(licensing), asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(noticed(licensing))

    async with asyncio.timeout(10):
        while len(told := await licensing.heard(LicenceEndAnnounced)) < 40:
            await asyncio.sleep(0.05)
    assert len({each.licence_id for each in told}) == len(told) == 40


async def test_what_a_dead_replica_had_claimed_is_done_by_another(licensing: Client) -> None:
    await grant(licensing, "l-1")
    licensing.now.instant = datetime(2027, 3, 8, 12, tzinfo=UTC)
    async with licensing.acting(build) as deps:
        claimed = await deps.licences.claim_due(
            licensing.now(), licensing.now() + timedelta(minutes=1)
        )
    await noticed(licensing)
    meanwhile = await licensing.heard(LicenceEndAnnounced)

    licensing.now.advance(timedelta(minutes=1))
    await noticed(licensing)

    assert claimed is not None
    assert meanwhile == []
    assert len(await licensing.heard(LicenceEndAnnounced)) == 1


async def test_the_state_is_right_though_no_clock_has_run(licensing: Client) -> None:
    await grant(licensing, "l-1", ends_on="2026-03-20")
    await licensing.mongo.collection("licences").update(
        {"_id": "l-1"}, {"$set": {"next_due_at": None}}
    )

    licensing.now.advance(timedelta(days=60))
    answer = await licensing.get(f"{TENANT}/licences/l-1", as_=MANAGER[TENANT])

    assert (answer.body["state"], answer.body["valid"]) == ("expired", False)


async def test_an_archived_licence_gives_its_seats_back_to_the_quota(licensing: Client) -> None:
    body: dict[str, Any] = {"product": "mdm", "seats": 5, "term_months": 12}
    path = "/v1/resellers/100001.rsp/quotas/mdm"
    vendor = a_pass("100001.rsp", *Permission, factor_at=int(licensing.now().timestamp()))
    await licensing.send("PUT", path, as_=vendor, json={"seats": 5}, headers={"If-Match": '"0"'})
    await licensing.post(f"{TENANT}/licences", as_=MANAGER[TENANT], json=body)

    drawn = []
    for day in ("2027-04-10", "2027-07-08"):
        await go_to(licensing, day)
        drawn.append((await licensing.get(path, as_=vendor)).body["drawn"])

    assert drawn == [5, 0]


@pytest.mark.parametrize("seats", [10])
async def test_seats_that_run_out_are_announced_at_ninety_percent_and_at_all_once_each(
    licensing: Client, seats: int
) -> None:
    await a_licence(licensing, seats=seats)
    devices = f"{TENANT}/devices"

    async def add(number: int) -> str:
        body = {
            "licence_id": "l-1",
            "fingerprint": f"fingerprint-{number}",
            "name": "Phone",
            "platform": "android",
        }
        answer = await licensing.post(devices, as_=DEVICES, json=body)
        assert answer.status in {200, 201}, answer.body
        return str(
            answer.body["device"]["id"] if "device" in answer.body else answer.body["device_id"]
        )

    ids = [await add(number) for number in range(10)]
    for _ in range(2):  # a seat that goes to and fro is no news
        await licensing.delete(f"{devices}/{ids[-1]}", as_=DEVICES)
        ids[-1] = await add(99)

    told = await licensing.heard(LicenceSeatsAnnounced)
    assert [(each.share, each.seats_used) for each in told] == [(90, 9), (100, 10)]
