"""What happens is delivered once, signed, in its order; failures are tried again with patience."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.tenancy.actions.deliver import LEASE
from services.tenancy.app import build, open_tenancy
from shared.contracts.tenancy import TenantCreated, WebhookEnded, WebhookFailureAnnounced
from shared.service import in_process
from tests.support.service import NOON, Client
from tests.support.tenancy import add_tenant
from tests.support.webhooks import (
    MANAGER,
    PATH,
    Receiver,
    add_webhook,
    deliveries_of,
    settled,
)

TENANT = "123456.sms"
CREATED = TenantCreated.type
LADDER = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)


async def test_what_happens_arrives_signed_as_the_bus_has_it(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)

    await add_tenant(tenancy, TENANT)
    (got,) = await receiver.waits_for(1)
    (event,) = await tenancy.envelopes(TenantCreated)
    (delivery,) = await settled(tenancy, made["id"], 1, "delivered")

    assert json.loads(got.body) == json.loads(event.to_json())
    assert got.id == event.id == delivery["event_id"]
    assert got.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert got.signatures == [got.expected(made["secret"])]
    assert got.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert (delivery["status_code"], delivery["reason"]) == (204, None)
    assert (delivery["place"], delivery["event_type"]) == (TENANT, CREATED)


async def test_only_the_chosen_types_of_the_own_customers_are_sent(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url, types=["portal.tenancy.tenant.suspended.v1"])

    await add_tenant(tenancy, TENANT)
    await add_tenant(tenancy, "200001.sms", of="100002.rsp")
    ping = await tenancy.post(f"{PATH}/{made['id']}/test", as_=MANAGER)
    got = await receiver.waits_for(1)

    assert ping.status == 202
    assert [one.id for one in got] == [ping.body["event_id"]]
    assert json.loads(got[0].body)["type"] == "portal.tenancy.webhook.tested.v1"
    assert len(await deliveries_of(tenancy, made["id"])) == 1


async def test_a_rotated_secret_and_the_one_before_are_both_good_for_the_overlap(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    path = f"{PATH}/{made['id']}"
    rotated = await tenancy.post(f"{path}/rotate", as_=MANAGER, json={"overlap": "PT1H"})

    await tenancy.post(f"{path}/test", as_=MANAGER)
    (both,) = await receiver.waits_for(1)
    tenancy.now.advance(timedelta(hours=1))
    await tenancy.post(f"{path}/test", as_=MANAGER)
    _, later = await receiver.waits_for(2)

    new, old = rotated.body["secret"], made["secret"]
    assert both.signatures == [both.expected(new), both.expected(old)]
    assert later.signatures == [later.expected(new)]


async def test_a_failure_is_tried_again_with_growing_wait_and_then_given_up(
    tenancy: Client, receiver: Receiver
) -> None:
    receiver.status = 500
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    waits = []

    for attempt, seconds in enumerate(LADDER, 1):
        await receiver.waits_for(attempt)
        waiting = await _tried(tenancy, made["id"], attempt)
        waits.append((seconds, _seconds_until(tenancy, waiting)))
        tenancy.now.advance(timedelta(seconds=seconds * 1.1 + 61))
    await receiver.waits_for(len(LADDER) + 1)
    (failed,) = await settled(tenancy, made["id"], 1, "failed")

    assert all(due <= wait <= due * 1.1 for due, wait in waits), waits
    assert (failed["attempts"], failed["reason"], failed["status_code"]) == (10, "refused", 500)
    assert len({one.id for one in receiver.got}) == 1


async def test_what_has_failed_is_delivered_when_somebody_wants_it_again(
    tenancy: Client, receiver: Receiver
) -> None:
    receiver.status = 400
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    waiting = await _tried(tenancy, made["id"], 1)
    receiver.status = 200
    path = f"{PATH}/{made['id']}/deliveries/{waiting['id']}/retry"

    again = await tenancy.post(path, as_=MANAGER)
    (delivered,) = await settled(tenancy, made["id"], 1, "delivered")

    assert (again.status, again.body["state"]) == (200, "waiting")
    assert [one["status_code"] for one in delivered["history"]] == [400, 200]
    assert receiver.got[0].id == receiver.got[1].id


@pytest.mark.parametrize("wish", ["3600", "Tue, 10 Mar 2026 13:00:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_receiver_that_names_a_time_is_left_alone_until_then(
    tenancy: Client, receiver: Receiver, wish: str, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": wish}
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    waiting = await _tried(tenancy, made["id"], 1)

    await add_tenant(tenancy, "200001.sms")
    tenancy.now.advance(timedelta(minutes=59))
    await asyncio.sleep(1.2)
    early = len(receiver.got)
    receiver.status = 204
    tenancy.now.advance(timedelta(minutes=1))
    await settled(tenancy, made["id"], 2, "delivered")

    assert _seconds_until(tenancy, waiting) <= 0
    assert early == 1


async def test_a_receiver_that_is_gone_ends_its_webhook(
    tenancy: Client, receiver: Receiver
) -> None:
    receiver.status = 410
    made = await add_webhook(tenancy, receiver.url)
    path = f"{PATH}/{made['id']}"
    await add_tenant(tenancy, TENANT)
    await settled(tenancy, made["id"], 1, "dropped")

    while (ended := await tenancy.get(path, as_=MANAGER)).body["state"] != "ended":
        await asyncio.sleep(0.02)
    await add_tenant(tenancy, "200001.sms")
    refused = await tenancy.post(f"{path}/test", as_=MANAGER)
    told = await tenancy.heard(WebhookEnded)
    await asyncio.sleep(1.2)

    assert [event.webhook_id for event in told] == [made["id"]]
    assert (refused.status, refused.body["code"]) == (409, "webhook_not_active")
    assert len(receiver.got) == 1

    # when it is back, what it has missed can be had
    receiver.status = 204
    tag = {"If-Match": ended.headers["ETag"]}
    await tenancy.patch(path, as_=MANAGER, json={"state": "active"}, headers=tag)
    span = {"since": "2026-03-10T00:00:00Z", "until": "2026-03-11T00:00:00Z"}
    replayed = await tenancy.post(f"{path}/replay", as_=MANAGER, json=span)
    delivered = await settled(tenancy, made["id"], 2, "delivered")

    assert replayed.body == {"count": 2}
    assert {one["place"] for one in delivered} == {TENANT, "200001.sms"}


async def test_a_paused_webhook_gets_later_what_happened_meanwhile(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    path = f"{PATH}/{made['id']}"
    pause = {"state": "paused"}
    await tenancy.patch(path, as_=MANAGER, json=pause, headers={"If-Match": '"1"'})

    await add_tenant(tenancy, TENANT)
    await asyncio.sleep(1.2)
    before = len(receiver.got)
    await tenancy.patch(path, as_=MANAGER, json={"state": "active"}, headers={"If-Match": '"2"'})
    await receiver.waits_for(1)

    assert before == 0


async def test_a_redirect_is_a_failure_and_leads_nowhere(
    tenancy: Client, receiver: Receiver, other: Receiver
) -> None:
    receiver.status, receiver.headers = 302, {"Location": other.url}
    made = await add_webhook(tenancy, receiver.url)

    await add_tenant(tenancy, TENANT)
    waiting = await _tried(tenancy, made["id"], 1)

    assert (waiting["reason"], waiting["status_code"]) == ("redirected", 302)
    assert other.got == []


async def test_a_slow_receiver_holds_no_other_up(
    tenancy: Client, receiver: Receiver, other: Receiver
) -> None:
    receiver.seconds = 3
    slow = await add_webhook(tenancy, receiver.url)
    await add_webhook(tenancy, other.url)

    for number in range(5):
        await add_tenant(tenancy, f"20000{number}.sms")
    await other.waits_for(5, seconds=3)

    assert len(receiver.got) <= 2
    assert len(await deliveries_of(tenancy, slow["id"])) == 5


async def test_events_go_in_the_order_in_which_they_came(
    tenancy: Client, receiver: Receiver
) -> None:
    await add_webhook(tenancy, receiver.url)

    for number in range(20):
        await add_tenant(tenancy, f"2000{number:02}.sms")
    got = await receiver.waits_for(20)

    places = [json.loads(one.body)["subject"] for one in got]
    assert places == [f"2000{number:02}.sms" for number in range(20)]


async def test_a_reseller_is_told_once_when_nothing_gets_through_for_a_day(
    tenancy: Client, receiver: Receiver
) -> None:
    receiver.status = 500
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)

    for attempt in range(1, 9):
        await receiver.waits_for(attempt)
        await _tried(tenancy, made["id"], attempt)
        tenancy.now.advance(timedelta(hours=23))
    told = await tenancy.heard(WebhookFailureAnnounced)
    read = await tenancy.get(f"{PATH}/{made['id']}", as_=MANAGER)

    assert [(event.webhook_id, event.since) for event in told] == [(made["id"], NOON)]
    assert read.body["failing_since"] == "2026-03-10T12:00:00Z"


async def test_several_replicas_deliver_everything_once(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    connect = in_process(tenancy.hub)

    async with open_tenancy(tenancy.settings, connect, tenancy.now):  # type: ignore[arg-type]  # tenancy's own
        for number in range(30):
            await add_tenant(tenancy, f"2000{number:02}.sms")
        await settled(tenancy, made["id"], 30, "delivered")

    assert len(receiver.got) == len({one.id for one in receiver.got}) == 30


async def test_what_a_killed_replica_had_in_its_hands_is_sent_by_another(
    tenancy: Client, receiver: Receiver
) -> None:
    made = await add_webhook(tenancy, receiver.url)
    async with tenancy.acting(build) as deps:
        turn = await deps.turns.take(made["id"], "killed", deps.now(), deps.now() + LEASE)
        assert turn
        await add_tenant(tenancy, TENANT)
        await asyncio.sleep(1.2)
        before = len(receiver.got)

        tenancy.now.advance(LEASE)
        await receiver.waits_for(1)
        await settled(tenancy, made["id"], 1, "delivered")

        assert before == 0
        assert not await deps.turns.keep(turn, deps.now())


async def test_a_webhook_that_is_deleted_hears_no_more(tenancy: Client, receiver: Receiver) -> None:
    receiver.status = 400
    made = await add_webhook(tenancy, receiver.url)
    await add_tenant(tenancy, TENANT)
    await _tried(tenancy, made["id"], 1)

    await tenancy.delete(f"{PATH}/{made['id']}", as_=MANAGER)
    tenancy.now.advance(timedelta(hours=1))
    await asyncio.sleep(1.2)

    assert len(receiver.got) == 1
    assert await tenancy.mongo.collection("webhook_deliveries").count({}) == 0


async def _tried(tenancy: Client, webhook_id: str, times: int) -> dict[str, Any]:
    """The first delivery as soon as this many attempts are noted and the webhook rests."""
    turns = tenancy.mongo.collection("webhook_turns")
    async with asyncio.timeout(10):
        while True:
            (found,) = (await deliveries_of(tenancy, webhook_id))[-1:]
            rests = await turns.find_one({"_id": webhook_id, "owner": None})
            if rests and found["attempts"] >= times:
                return dict(found)
            await asyncio.sleep(0.02)


def _seconds_until(tenancy: Client, delivery: dict[str, Any]) -> float:
    due_at = datetime.fromisoformat(delivery["next_attempt_at"])
    return (due_at - tenancy.now()).total_seconds()
