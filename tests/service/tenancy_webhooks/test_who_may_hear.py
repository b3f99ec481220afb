"""A reseller hears only of what it may see at the moment when it is sent."""

import asyncio
import json
from datetime import timedelta

import pytest

from services.tenancy.actions.delegation import limit_delegation
from services.tenancy.actions.offboarding import delete_due_tenants
from services.tenancy.actions.reseller_states import (
    resume_reseller,
    suspend_reseller,
    terminate_reseller,
)
from services.tenancy.actions.transfer import transfer_tenant
from services.tenancy.app import build
from services.tenancy.domain.delegation import Level
from services.tenancy.domain.webhook_events import OFFERED
from shared.access import Permission
from shared.contracts.auth import AccountInvited, SessionStarted, TotpRemoved
from shared.contracts.licensing import DeviceActivated, LicenceCreated
from shared.contracts.tenancy import TenantCreated, TenantDeleted, TenantTransferred
from tests.service.tenancy.happenings import happen, removed
from tests.support.service import NOON, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant
from tests.support.webhooks import MANAGER, PATH, Receiver, add_webhook, deliveries_of, settled

TENANT = "123456.sms"
READS = a_pass(TENANT, Permission.TENANT_READ)
SPAN = {"since": "2026-03-10T00:00:00Z", "until": "2026-03-12T00:00:00Z"}


def a_device() -> DeviceActivated:
    return DeviceActivated(device_id="d-1", licence_id="l-1", tenant_id=TENANT, platform="android")


def types_of(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["type"] for one in receiver.got]


async def test_a_customer_that_was_transferred_away_is_told_no_more_of_not_even_again(
    tenancy: Client, receiver: Receiver
) -> None:
    receiver.status = 400
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    await receiver.waits_for(1)

    async with tenancy.acting(build) as deps:
        await transfer_tenant(deps, TENANT, "100002.rsp", "Contract changed")
    receiver.status = 204
    tenancy.now.advance(timedelta(hours=1))
    (dropped,) = await settled(tenancy, made["id"], 1, "dropped")
    replayed = await tenancy.post(f"{PATH}/{made['id']}/replay", as_=MANAGER, json=SPAN)
    await happen(tenancy, a_licence_of(TENANT))
    await asyncio.sleep(1.2)
    after = await deliveries_of(tenancy, made["id"])

    assert (dropped["reason"], replayed.body) == ("not_visible", {"count": 1})
    assert [one["state"] for one in after] == ["dropped"]
    assert len(receiver.got) == 1


async def test_whoever_gains_a_customer_is_told_but_not_from_whom(
    tenancy: Client, receiver: Receiver
) -> None:
    await add_tenant(tenancy, TENANT, of="100002.rsp")
    await add_webhook(tenancy, receiver.url)

    async with tenancy.acting(build) as deps:
        await transfer_tenant(deps, TENANT, "100001.rsp", "Contract changed")
    (got,) = await receiver.waits_for(1)

    assert types_of(receiver) == [TenantTransferred.type]
    assert json.loads(got.body)["data"]["reseller_id"] == "100001.rsp"
    assert b"100002.rsp" not in got.body


@pytest.mark.parametrize("level", [Level.FULL, Level.READ_ONLY, Level.NONE])
async def test_what_is_inside_a_customer_is_told_as_far_as_the_customer_lets_it(
    tenancy: Client, receiver: Receiver, level: Level
) -> None:
    await add_tenant(tenancy, TENANT)
    await happen(tenancy, a_licence_of(TENANT))
    async with tenancy.acting(build) as deps:
        if level is not Level.FULL:
            await limit_delegation(deps, TENANT, by_org=TENANT, was=0, level=level, reason=None)
    made = await add_webhook(tenancy, receiver.url)

    await happen(tenancy, a_device())
    state = "dropped" if level is Level.NONE else "delivered"
    (settled_one,) = await settled(tenancy, made["id"], 1, state)

    assert settled_one["event_type"] == DeviceActivated.type
    assert len(receiver.got) == (level is not Level.NONE)


async def test_a_customer_without_a_valid_licence_is_told_of_from_outside_alone(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    await happen(tenancy, a_licence_of(TENANT, starts=-400, ends=-35))

    await happen(tenancy, a_device())
    (dropped,) = await settled(tenancy, made["id"], 1, "dropped")
    await receiver.waits_for(2)

    assert dropped["event_type"] == DeviceActivated.type
    assert types_of(receiver) == [TenantCreated.type, LicenceCreated.type]


async def test_of_a_tenant_that_is_deleted_only_that_is_told(
    tenancy: Client, receiver: Receiver
) -> None:
    await add_tenant(tenancy, TENANT)
    receiver.status = 400
    made = await add_webhook(tenancy, receiver.url)
    await happen(tenancy, a_licence_of(TENANT))
    await receiver.waits_for(1)
    edits = a_pass(TENANT, Permission.TENANT_EDIT, org="vendor", factor_at=int(NOON.timestamp()))
    tag = {"If-Match": (await tenancy.get(f"/v1/tenants/{TENANT}", as_=READS)).headers["ETag"]}

    left = await tenancy.post(
        f"/v1/tenants/{TENANT}/offboard", as_=edits, json={"reason": "Moved"}, headers=tag
    )
    tenancy.now.advance(timedelta(days=30))
    async with tenancy.acting(build) as deps:
        await delete_due_tenants(deps)
    receiver.status = 204
    tenancy.now.advance(timedelta(hours=1))
    (delivered,) = await settled(tenancy, made["id"], 1, "delivered")
    dropped = await settled(tenancy, made["id"], 2, "dropped")
    rows = await tenancy.mongo.collection("webhook_events").find({})

    assert left.status == 200, left.body
    assert delivered["event_type"] == TenantDeleted.type
    assert {one["reason"] for one in dropped} == {"not_visible"}
    assert [row["type"] for row in rows] == [TenantDeleted.type]


async def test_a_suspended_reseller_hears_nothing_until_it_is_resumed(
    tenancy: Client, receiver: Receiver
) -> None:
    await add_tenant(tenancy, TENANT)
    made = await add_webhook(tenancy, receiver.url)
    async with tenancy.acting(build) as deps:
        await suspend_reseller(deps, "100001.rsp", "Contract")
        await happen(tenancy, a_licence_of(TENANT))
        await asyncio.sleep(1.2)
        before = len(receiver.got)
        await resume_reseller(deps, "100001.rsp", "Contract")
    tenancy.now.advance(timedelta(minutes=1))
    await settled(tenancy, made["id"], 1, "delivered")

    assert before == 0


async def test_a_reseller_that_is_none_any_more_hears_nothing(
    tenancy: Client, receiver: Receiver
) -> None:
    await add_tenant(tenancy, TENANT)
    made = await add_webhook(tenancy, receiver.url)
    async with tenancy.acting(build) as deps:
        await terminate_reseller(deps, "100001.rsp", "Contract")

    await happen(tenancy, a_licence_of(TENANT))
    await settled(tenancy, made["id"], 1, "dropped")

    assert receiver.got == []


async def test_nothing_about_accounts_sign_ins_or_sealed_links_is_offered(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    await receiver.waits_for(1)

    await happen(tenancy, removed())
    await asyncio.sleep(0.7)

    assert not {AccountInvited.type, SessionStarted.type, TotpRemoved.type} & set(OFFERED)
    assert not any(name.startswith("portal.auth.") for name in OFFERED)
    assert len(await deliveries_of(tenancy, made["id"])) == 1


async def test_a_replay_is_for_the_wished_types_and_time_alone(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    path = f"{PATH}/{made['id']}/replay"
    await add_tenant(tenancy, TENANT)
    tenancy.now.advance(timedelta(hours=2))
    await happen(tenancy, a_licence_of(TENANT))
    await settled(tenancy, made["id"], 2, "delivered")

    early = {"since": "2026-03-10T00:00:00Z", "until": "2026-03-10T13:00:00Z"}
    first = await tenancy.post(path, as_=MANAGER, json=early)
    second = await tenancy.post(path, as_=MANAGER, json={**SPAN, "types": [LicenceCreated.type]})
    refused = [
        (await tenancy.post(path, as_=MANAGER, json=span)).status
        for span in (
            {"since": SPAN["until"], "until": SPAN["since"]},
            {"since": "0001-01-01T00:00:00+14:00", "until": SPAN["until"]},
            {"since": "2026-03-10T00:00:00", "until": SPAN["until"]},
            {"since": SPAN["since"]},
        )
    ]
    got = await receiver.waits_for(4)

    assert (first.body, second.body) == ({"count": 1}, {"count": 1})
    assert refused == [422] * 4
    assert got[2].id == got[0].id
    assert sorted(one.id for one in got[2:]) == sorted(one.id for one in got[:2])


async def test_deliveries_are_listed_newest_first_page_by_page(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    for number in range(5):
        tenancy.now.advance(timedelta(seconds=1))
        await add_tenant(tenancy, f"20000{number}.sms")
    await settled(tenancy, made["id"], 5, "delivered")
    path = f"{PATH}/{made['id']}/deliveries"

    first = await tenancy.get(path, as_=MANAGER, params={"limit": "3"})
    cursor = first.body["next_cursor"]
    second = await tenancy.get(path, as_=MANAGER, params={"limit": "3", "cursor": cursor})
    failed = await tenancy.get(path, as_=MANAGER, params={"state": "failed"})
    wrong = await tenancy.get(path, as_=MANAGER, params={"state": "lost"})

    places = [one["place"] for one in first.body["items"] + second.body["items"]]
    assert places == [f"20000{number}.sms" for number in (4, 3, 2, 1, 0)]
    assert (failed.body["items"], wrong.status) == ([], 422)


async def test_what_waits_and_what_failed_is_counted(tenancy: Client, receiver: Receiver) -> None:
    receiver.status = 400
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    await receiver.waits_for(1)
    await settled(tenancy, made["id"], 1, "waiting")
    tenancy.now.advance(timedelta(seconds=2))

    text = ""
    async with asyncio.timeout(10):
        while 'portal_webhook_attempts_total{reason="refused",state="waiting"} 1.0' not in text:
            text = str((await tenancy.get("/metrics", as_=None)).body)

    assert "portal_webhook_deliveries_waiting 1.0" in text
    assert "portal_webhook_oldest_due_seconds 0.0" in text
