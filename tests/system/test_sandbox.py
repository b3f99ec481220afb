"""A sandbox through the gateway: a year in a minute, with the mails and refusals that it brings."""

import asyncio
from typing import Any

import pytest

from shared.clock import monotonic
from shared.ids import new_id
from tests.support.person import Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

RESELLER = "/v1/resellers/100001.rsp"
MAIL_OF_RESELLER = "reseller-admin@100001-rsp.example"


async def test_a_licence_runs_out_in_a_sandbox_and_nowhere_else(portal: Portal) -> None:
    seller = await portal.token("100001.rsp", "reseller-admin")
    tenant_id = await a_sandbox(portal, seller)
    licence = await a_licence(portal, seller, tenant_id)
    seen = len(await portal.mails_to(MAIL_OF_RESELLER))

    await forward(portal, seller, tenant_id, "P335D")
    await _reminder(portal, seen)
    expiring = await _state(portal, seller, tenant_id, licence)
    await forward(portal, seller, tenant_id, "P31D")
    grace = await _state(portal, seller, tenant_id, licence)
    await forward(portal, seller, tenant_id, "P31D")
    seconds = await _seconds_until_gone(portal, seller, tenant_id)

    assert (expiring, grace) == ("expiring", "grace")
    assert seconds < 1.0
    other = await portal.call("GET", "/v1/tenants/123456.sms", token=seller)
    assert (other.status, other.body["licence_state"]) == (200, "active")


async def test_a_tenant_that_is_no_sandbox_keeps_its_time(portal: Portal) -> None:
    admin = await portal.token("123456.sms", "admin")
    path = "/v1/tenants/123456.sms/sandbox/clock"

    moved = await portal.call("POST", path, token=admin, json={"forward": "P1D"})

    assert (moved.status, moved.code) == (409, "not_a_sandbox")


async def a_sandbox(portal: Portal, seller: str) -> str:
    body: dict[str, Any] = {"name": "Trial and error", "locale": "en", "sandbox": True}
    body["admin"] = {"username": "ada", "email": f"ada@{new_id()[:12]}.example"}
    made = await portal.call("POST", f"{RESELLER}/customers", token=seller, json=body)
    assert made.status == 201, made.body
    return str(made.body["id"])


async def a_licence(portal: Portal, seller: str, tenant_id: str) -> str:
    """Order a licence for a year; the order is fulfilled once licensing has heard of the tenant."""
    order = {
        "product": "mobile-security",
        "seats": 5,
        "term_months": 12,
        "customer": {"tenant_id": tenant_id},
    }
    path = f"{RESELLER}/licence-orders"
    async with asyncio.timeout(20):
        while True:
            placed = await portal.call("POST", path, token=seller, json=order)
            if placed.status == 202:
                break
            await asyncio.sleep(0.1)
        while True:
            at = f"{path}/{placed.body['order_id']}"
            found = (await portal.call("GET", at, token=seller)).body
            if found["status"] == "fulfilled":
                break
            await asyncio.sleep(0.1)
        while (await portal.call("GET", f"/v1/tenants/{tenant_id}", token=seller)).status != 200:
            await asyncio.sleep(0.1)
    return str(found["licence_id"])


async def forward(portal: Portal, seller: str, tenant_id: str, by: str) -> None:
    path = f"/v1/tenants/{tenant_id}/sandbox/clock"
    moved = await portal.call("POST", path, token=seller, json={"forward": by})
    assert moved.status == 200, moved.body


async def _reminder(portal: Portal, seen: int) -> None:
    """Wait for the mail about this customer's licence; others, of its order, may come before."""
    while "Trial and error" not in (await portal.next_mail(MAIL_OF_RESELLER, seen))["Text"]:
        seen += 1


async def _state(portal: Portal, seller: str, tenant_id: str, licence_id: str) -> str:
    path = f"/v1/tenants/{tenant_id}/licences/{licence_id}"
    return str((await portal.call("GET", path, token=seller)).body["state"])


async def _seconds_until_gone(portal: Portal, seller: str, tenant_id: str) -> float:
    begun = monotonic()
    while (await portal.call("GET", f"/v1/tenants/{tenant_id}", token=seller)).status != 404:
        assert monotonic() - begun < 5
        await asyncio.sleep(0.01)
    return monotonic() - begun
