"""A customer narrows its reseller and shows support in and out, through a whole portal."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from portal.ports import LOOPBACK, free_port
from shared.clock import monotonic
from tests.support.deployments import Fleet, another_gateway
from tests.support.person import Answer, Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]
TENANT = "123456.sms"
PATH = f"/v1/tenants/{TENANT}"
RESELLER = "100001.rsp"


async def limit(portal: Portal, admin: str, level: str) -> None:
    read = await portal.call("GET", f"{PATH}/delegation", token=admin)
    headers = {"If-Match": read.headers["ETag"]}
    done = await portal.call(
        "PATCH", f"{PATH}/delegation", token=admin, json={"level": level}, headers=headers
    )
    assert done.status == 200, done.body


async def seconds_until(portal: Portal, token: str, path: str, status: int) -> float:
    begun = monotonic()
    while (await portal.call("GET", path, token=token)).status != status:
        assert monotonic() - begun < 8, f"{path} does not answer {status}"
        await asyncio.sleep(0.02)
    return monotonic() - begun


async def do(portal: Portal, token: str, path: str, body: Mapping[str, object]) -> Answer:
    return await portal.call("POST", path, token=token, json=body)


@pytest_asyncio.fixture(loop_scope="session")
async def admin(portal: Portal) -> AsyncIterator[str]:
    """The customer's administrator; the reseller may do everything again afterwards."""
    token = await portal.token(TENANT, "admin")
    yield token
    await limit(portal, token, "full")


async def test_what_the_customer_decides_holds_within_a_second(portal: Portal, admin: str) -> None:
    rita = await portal.token(RESELLER, "reseller-admin")
    assert (await portal.call("GET", PATH, token=rita)).status == 200

    await limit(portal, admin, "none")
    closed = await seconds_until(portal, rita, PATH, 404)
    listed = await portal.call("GET", f"/v1/resellers/{RESELLER}/customers", token=rita)
    await limit(portal, admin, "read_only")
    opened = await seconds_until(portal, rita, PATH, 200)
    edited = await portal.call(
        "PATCH", PATH, token=rita, json={"name": "Mine"}, headers={"If-Match": '"1"'}
    )

    assert max(closed, opened) < 1
    assert TENANT in [customer["id"] for customer in listed.body["items"]]
    assert (edited.status, edited.body["code"]) == (403, "forbidden")


async def test_the_customer_grants_access_for_a_time_and_takes_it_back(
    portal: Portal, admin: str
) -> None:
    rita = await portal.token(RESELLER, "reseller-admin")
    await limit(portal, admin, "none")
    wish = {"tenant_id": TENANT, "roles": ["reseller-support"], "duration": "P7D", "reason": "Why"}

    asked = await do(portal, rita, f"/v1/resellers/{RESELLER}/access-requests", wish)
    path = f"{PATH}/access-requests/{asked.body['id']}"
    await do(portal, admin, f"{path}/approve", {})
    granted = await seconds_until(portal, rita, PATH, 200)
    await do(portal, admin, f"{path}/end", {})
    ended = await seconds_until(portal, rita, PATH, 404)

    assert max(granted, ended) < 1


async def test_the_customer_sees_that_the_vendor_was_there_and_why(
    portal: Portal, admin: str
) -> None:
    vendor = await portal.token("vendor", "vendor-admin")
    reason = {"reason": "Ticket 4711", "duration": "PT1H"}

    await portal.call("GET", PATH, token=vendor)
    entered = await do(portal, vendor, f"{PATH}/support-access", reason)
    seen = await portal.call("GET", f"{PATH}/access", token=admin, params={"actor_org": "vendor"})
    shown_out = await portal.call(
        "DELETE", f"{PATH}/support-access/{entered.body['id']}", token=admin
    )

    assert (entered.status, shown_out.status) == (201, 204)
    rows = {row["what"]: row["reason"] for row in seen.body["items"]}
    assert "tenant.entered" in rows
    assert rows["support_access.begun"] == "Ticket 4711"


async def test_sign_ins_are_in_the_activity_and_the_vendor_learns_why(
    portal: Portal, admin: str
) -> None:
    vendor = await portal.token("vendor", "vendor-admin")
    me = await portal.call("GET", "/v1/me", token=admin)
    account, query = me.body["id"], {"actor": me.body["id"], "what": "session.started"}

    async with asyncio.timeout(5):
        while True:
            seen = await portal.call("GET", f"{PATH}/activity", token=admin, params=query)
            if seen.body["items"]:
                break
            await asyncio.sleep(0.1)
    why = {"place": TENANT, "account": account}
    explained = await portal.call("GET", "/v1/access/explain", token=vendor, params=why)

    assert {row["actor"] for row in seen.body["items"]} == {account}
    assert (explained.status, explained.body["relation"]) == (200, "own")


@pytest.mark.rabbitmq
async def test_a_right_that_ends_has_ended_at_every_gateway_also_at_one_without_a_bus(
    many_processes: Fleet,
) -> None:
    portal = many_processes.portal
    admin, rita = (
        await portal.token(TENANT, "admin"),
        await portal.token(RESELLER, "reseller-admin"),
    )
    nowhere = f"amqp://guest:guest@{LOOPBACK}:{free_port()}/"
    async with (
        another_gateway(many_processes) as other,
        another_gateway(many_processes, hears=False, AMQP_URL=nowhere) as deaf,
    ):
        gateways = (portal, other, deaf)
        known = [(await one.call("GET", PATH, token=rita)).status for one in gateways]

        await limit(portal, admin, "none")
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(seconds_until(one, rita, PATH, 404)) for one in gateways]
        await limit(portal, admin, "full")
        seconds = [each.result() for each in waiting]

    assert known == [200, 200, 200]
    assert max(seconds[:2]) < 1
    assert 1 < seconds[2] <= 5.2
