"""A right that ends has ended at every gateway: within a second, and within five where one has lost
the bus.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from shared.clock import monotonic, utc_now
from tests.support.cable import Cable, a_cable
from tests.support.colleagues import USERS, a_colleague
from tests.support.deployments import Fleet, another_gateway
from tests.support.person import Answer, Portal
from tests.system.test_licences import a_customer
from tests.system.test_sandbox import a_licence, a_sandbox, forward

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(240),
    pytest.mark.rabbitmq,
]
TENANT, RESELLER, OTHER = "/v1/tenants/123456.sms", "/v1/resellers/100001.rsp", "100002.rsp"
HEARD, CUT_OFF = 1.0, 5.2
"""Within how many seconds it must hold, the look itself included."""


@dataclass(frozen=True)
class Doors:
    """Three gateways of one portal; the last one's bus can be cut."""

    hearing: Sequence[Portal]
    cut: Portal
    cable: Cable

    @property
    def first(self) -> Portal:
        return self.hearing[0]

    async def let_in(self, token: str, path: str) -> None:
        """All of them know by now that this token opens this path."""
        for one in (*self.hearing, self.cut):
            await seconds_until(one, token, path, 200)

    async def seconds_until_shut(self, token: str, path: str, status: int) -> tuple[float, float]:
        """How long the slowest of those that hear the bus takes, and the one that doesn't."""
        async with asyncio.TaskGroup() as group:
            waiting = [
                group.create_task(seconds_until(one, token, path, status))
                for one in (*self.hearing, self.cut)
            ]
        seconds = [each.result() for each in waiting]
        return max(seconds[:-1]), seconds[-1]


async def seconds_until(portal: Portal, token: str, path: str, status: int) -> float:
    begun = monotonic()
    while (await portal.call("GET", path, token=token)).status != status:
        assert monotonic() - begun < 15, f"{path} does not answer {status}"
        await asyncio.sleep(0.02)
    return monotonic() - begun


async def do(portal: Portal, token: str, path: str, body: Mapping[str, Any]) -> None:
    answer = await portal.call("POST", path, token=token, json=body)
    assert answer.status in {200, 201, 204}, answer.body


async def changed(portal: Portal, token: str, path: str, body: Mapping[str, Any]) -> Answer:
    tag = {"If-Match": (await portal.call("GET", path, token=token)).headers["ETag"]}
    answer = await portal.call("PATCH", path, token=token, json=body, headers=tag)
    assert answer.status == 200, answer.body
    return answer


@pytest_asyncio.fixture(loop_scope="session", params=["on the bus", "cut off"])
async def doors(
    many_processes: Fleet, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Doors, float]]:
    """The gateways, and within how many seconds the last one must know."""
    async with (
        a_cable(many_processes.environment["AMQP_URL"]) as (cable, near),
        another_gateway(many_processes) as other,
        another_gateway(many_processes, AMQP_URL=near) as cut,
    ):
        if request.param == "cut off":
            await cable.cut()
        limit = CUT_OFF if request.param == "cut off" else HEARD
        yield Doors([many_processes.portal, other], cut, cable), limit


async def test_a_licence_that_is_suspended_or_revoked(doors: tuple[Doors, float]) -> None:
    at, limit = doors
    rita = await at.first.token("100001.rsp", "reseller-admin")
    order = await a_customer(at.first, rita)
    tenant = f"/v1/tenants/{order['tenant_id']}"
    licence = f"{RESELLER}/licences/{order['licence_id']}"

    await at.let_in(rita, tenant)
    await do(at.first, rita, f"{licence}/suspend", {"reason": "Not paid"})
    suspended = await at.seconds_until_shut(rita, tenant, 404)
    await do(at.first, rita, f"{licence}/resume", {})
    await at.let_in(rita, tenant)
    await do(at.first, rita, f"{licence}/revoke", {})
    revoked = await at.seconds_until_shut(rita, tenant, 404)

    assert max(suspended[0], revoked[0]) < HEARD
    assert max(suspended[1], revoked[1]) < limit


async def test_a_licence_that_ends_at_midnight_by_the_clock_alone(
    doors: tuple[Doors, float],
) -> None:
    """In a sandbox the midnight in Berlin that ends the grace is brought near; then nobody does
    anything, and the gateway that is cut off hears nothing either.
    """
    at, _ = doors
    rita = await at.first.token("100001.rsp", "reseller-admin")
    tenant_id = await a_sandbox(at.first, rita)
    tenant = f"/v1/tenants/{tenant_id}"
    licence = f"{tenant}/licences/{await a_licence(at.first, rita, tenant_id)}"

    ends_at = await _nearly_over(at.first, rita, tenant_id, licence, timedelta(seconds=12))
    await at.let_in(rita, tenant)
    async with asyncio.timeout(6):
        while (await at.first.call("GET", tenant, token=rita)).body["licence_state"] != "grace":
            await asyncio.sleep(0.05)
    await asyncio.sleep((ends_at - utc_now()).total_seconds() - 1)
    one_second_before = [await at.first.call("GET", tenant, token=rita) for _ in range(2)]
    left = (ends_at - utc_now()).total_seconds()
    heard, cut = await at.seconds_until_shut(rita, tenant, 404)

    assert [answer.status for answer in one_second_before] == [200, 200]
    assert -0.1 < heard - left < HEARD
    assert -0.1 < cut - left < HEARD, "when it ends was known"


async def _nearly_over(
    portal: Portal, token: str, tenant_id: str, licence: str, left: timedelta
) -> datetime:
    """Bring the end of a licence's grace so near; the instant at which it will be over."""
    read = await portal.call("GET", licence, token=token)
    day = date.fromisoformat(read.body["ends_on"]) + timedelta(days=31)
    end = datetime.combine(day, time(), ZoneInfo("Europe/Berlin"))
    seconds = math.floor((end - utc_now() - left).total_seconds())
    await forward(portal, token, tenant_id, f"PT{seconds}S")
    return end - timedelta(seconds=seconds)


async def test_a_customer_that_is_handed_to_another_reseller(doors: tuple[Doors, float]) -> None:
    at, limit = doors
    rita = await at.first.token("100001.rsp", "reseller-admin")
    vendor = await at.first.token("vendor", "vendor-admin")
    order = await a_customer(at.first, rita)
    tenant = f"/v1/tenants/{order['tenant_id']}"

    await at.let_in(rita, tenant)
    await do(at.first, vendor, f"{tenant}/transfer", {"reseller_id": OTHER, "reason": "Moved"})
    heard, cut = await at.seconds_until_shut(rita, tenant, 404)

    assert heard < HEARD
    assert cut < limit


async def test_a_role_that_is_taken_and_an_account_that_is_disabled(
    doors: tuple[Doors, float],
) -> None:
    at, limit = doors
    admin = await at.first.token("123456.sms", "admin")
    one, tokens = await a_colleague(at.first, admin, ["admin", "auditor"])
    other, others = await a_colleague(at.first, admin, ["auditor"])
    lowered, disabled = str(tokens["access_token"]), str(others["access_token"])

    await at.let_in(lowered, TENANT)
    await changed(at.first, admin, f"{USERS}/{one}", {"roles": ["auditor"]})
    role = await at.seconds_until_shut(lowered, TENANT, 401)
    await at.let_in(disabled, TENANT)
    await do(at.first, admin, f"{USERS}/{other}/disable", {})
    account = await at.seconds_until_shut(disabled, TENANT, 401)

    assert max(role[0], account[0]) < HEARD
    assert max(role[1], account[1]) < limit


async def test_a_reseller_that_its_customer_shuts_out(doors: tuple[Doors, float]) -> None:
    at, limit = doors
    rita = await at.first.token("100001.rsp", "reseller-admin")
    admin = await at.first.token("123456.sms", "admin")

    await at.let_in(rita, TENANT)
    await changed(at.first, admin, f"{TENANT}/delegation", {"level": "none"})
    heard, cut = await at.seconds_until_shut(rita, TENANT, 404)
    await changed(at.first, admin, f"{TENANT}/delegation", {"level": "full"})

    assert heard < HEARD
    assert cut < limit
