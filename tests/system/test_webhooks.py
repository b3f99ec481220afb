"""Webhooks of a whole portal, judged by other people's implementations of Standard Webhooks."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.deployments import RECEIVER_PORT, Fleet
from tests.support.person import Portal
from tests.support.processes import PROJECT
from tests.support.webhooks import PATH, RESELLER, Got, Receiver, receiving

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]
ORDERS = f"/v1/resellers/{RESELLER}/licence-orders"
ORDER = {"product": "mobile-security", "seats": 5, "term_months": 12}


@asynccontextmanager
async def a_webhook(portal: Portal) -> AsyncIterator[tuple[Receiver, Any, str]]:
    """A receiver, its webhook as it was made, and an administrator's token."""
    rita = await portal.token(RESELLER, "reseller-admin")
    async with receiving(RECEIVER_PORT) as receiver:
        body = {"name": "Inventory", "url": receiver.url}
        made = await portal.call("POST", PATH, token=rita, json=body)
        assert made.status == 201, made.body
        try:
            yield receiver, made.body, rita
        finally:
            token = await portal.token(RESELLER, "reseller-admin")
            await portal.call("DELETE", f"{PATH}/{made.body['id']}", token=token)


async def ordered(portal: Portal, token: str, name: str) -> str:
    admin = {"username": "chef", "email": "chef@new.example", "display_name": "Chris Chef"}
    customer = {"new": {"name": name, "locale": "de", "admin": admin}}
    answer = await portal.call("POST", ORDERS, token=token, json={**ORDER, "customer": customer})
    assert answer.status == 202, answer.body
    return str(answer.body["order_id"])


def of_order(got: list[Got], order_id: str) -> dict[str, Got]:
    """What came about an order, and what came of it, by type."""
    return {
        event["type"]: one
        for one in got
        if (event := json.loads(one.body))["data"].get("order_id") == order_id
    }


async def told_of(receiver: Receiver, order_id: str, count: int, seconds: float = 15) -> set[str]:
    async with asyncio.timeout(seconds):
        while len(told := of_order(receiver.got, order_id)) < count:
            await asyncio.sleep(0.05)
    return set(told)


async def verified_by_npm(secret: str, one: Got) -> Any:
    node = shutil.which("node")
    assert node, "Install it first: deploy/setup/foreign.sh"
    headers = {name: one.headers[name] for name in one.headers if name.startswith("webhook-")}
    program = str(PROJECT / "tests/foreign/webhooks.mjs")
    process = await asyncio.create_subprocess_exec(
        node,
        program,
        secret,
        json.dumps(headers),
        one.body.decode(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return json.loads(said) if process.returncode == 0 else None


@pytest.mark.foreign
async def test_an_order_through_the_gateway_arrives_as_both_foreign_packages_believe(
    portal: Portal,
) -> None:
    async with a_webhook(portal) as (receiver, made, rita):
        order_id = await ordered(portal, rita, "Webhook AG")
        told = await told_of(receiver, order_id, 4)
        one = of_order(receiver.got, order_id)["portal.licensing.licence.created.v1"]
        by_npm = await verified_by_npm(made["secret"], one)
        forged = await verified_by_npm("whsec_" + "A" * 44, one)
        altered = one.body.replace(b'"seats":5', b'"seats":6')

    assert told == {
        "portal.licensing.licence_order.placed.v1",
        "portal.tenancy.tenant.created.v1",
        "portal.licensing.licence.created.v1",
        "portal.licensing.licence_order.fulfilled.v1",
    }
    assert by_npm == one.verified(made["secret"])
    assert by_npm["data"]["seats"] == 5
    assert forged is None
    assert altered != one.body
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(altered, dict(one.headers))


async def test_no_address_inside_is_sent_to(portal: Portal) -> None:
    rita = await portal.token(RESELLER, "reseller-admin")

    answers = [
        await portal.call("POST", PATH, token=rita, json={"name": "Inside", "url": url})
        for url in (
            f"{portal.url}/healthz",
            f"http://127.0.0.1:{RECEIVER_PORT}@169.254.169.254/",
            "https://[::ffff:7f00:1]/",
        )
    ]
    listed = await portal.call("GET", PATH, token=rita)

    assert [answer.status for answer in answers] == [422] * 3
    assert listed.body["items"] == []


@pytest.mark.rabbitmq
async def test_a_replica_killed_while_it_delivers_loses_nothing(many_processes: Fleet) -> None:
    portal, tenancy = many_processes.portal, many_processes.processes["tenancy-0"]
    async with a_webhook(portal) as (receiver, _, rita):
        receiver.seconds = 2
        orders = [await ordered(portal, rita, f"Killed {number}") for number in range(3)]
        await receiver.waits_for(1)
        await tenancy.kill()
        in_its_hands = receiver.got[-1].id
        receiver.seconds = 0
        tenancy.start()
        await tenancy.answers(f"{many_processes.urls['tenancy-0']}/readyz", 60)
        for order_id in orders:
            await told_of(receiver, order_id, 4, seconds=60)
        await asyncio.sleep(1)
        ids = [one.id for one in receiver.got]

    twice = {one for one in ids if ids.count(one) > 1}
    assert twice == {in_its_hands}
    assert ids.count(in_its_hands) == 2
