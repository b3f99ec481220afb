"""What a customer has granted ends with what it stands on: the assignment, and the customer."""

from datetime import timedelta
from typing import Final

import pytest

from services.tenancy.actions.access_requests import look_at_due
from services.tenancy.actions.offboarding import delete_due_tenants
from services.tenancy.app import build
from shared.access import Permission
from shared.contracts.tenancy import AccessEndAnnounced, AccessEnded
from shared.passes import GATEWAY, Pass
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant

JUST_NOW: Final = int(NOON.timestamp())


@pytest.fixture
async def customers(tenancy: Client) -> Client:
    """Two customers of 100001.rsp with licences, which let it do nothing inside."""
    for tenant in ("123456.sms", "123457.sms"):
        await add_tenant(tenancy, tenant)
        await tenancy.deliver(a_licence_of(tenant, licence_id=f"l-{tenant}"))
        path, body = f"/v1/tenants/{tenant}/delegation", {"level": "none"}
        await tenancy.patch(path, as_=admin(tenant), json=body, headers={"If-Match": '"0"'})
    return tenancy


def admin(tenant: str) -> Pass:
    return a_pass(tenant, Permission.DELEGATION_MANAGE, Permission.TENANT_READ)


async def ask(tenancy: Client, tenant: str) -> str:
    staff = a_pass("100001.rsp", Permission.DELEGATION_MANAGE)
    wish = {"tenant_id": tenant, "roles": ["reseller-support"], "duration": "P8D", "reason": "Help"}
    asked = await tenancy.post("/v1/resellers/100001.rsp/access-requests", as_=staff, json=wish)
    assert asked.status == 201, asked.body
    return str(asked.body["id"])


async def grant(tenancy: Client, tenant: str) -> None:
    path = f"/v1/tenants/{tenant}/access-requests/{await ask(tenancy, tenant)}/approve"
    assert (await tenancy.post(path, as_=admin(tenant))).status == 200


async def states(tenancy: Client, tenant: str) -> list[str]:
    listed = await tenancy.get(f"/v1/tenants/{tenant}/access-requests", as_=admin(tenant))
    return [one["state"] for one in listed.body["items"]]


async def is_let_in(tenancy: Client, tenant: str) -> bool:
    query = {"org": "100001.rsp"}
    asked = await tenancy.get(f"/internal/places/{tenant}", params=query, as_=a_pass(GATEWAY))
    return asked.status == 200


async def transfer(tenancy: Client, tenant: str, to: str) -> Answer:
    vendor = a_pass(tenant, Permission.TENANT_TRANSFER, org="vendor", factor_at=JUST_NOW)
    body = {"reseller_id": to, "reason": "As agreed"}
    return await tenancy.post(f"/v1/tenants/{tenant}/transfer", as_=vendor, json=body)


async def test_it_does_not_come_back_with_a_customer_that_was_another_resellers(
    customers: Client,
) -> None:
    await grant(customers, "123456.sms")
    await ask(customers, "123456.sms")
    before = await is_let_in(customers, "123456.sms")

    away = await transfer(customers, "123456.sms", "100002.rsp")
    back = await transfer(customers, "123456.sms", "100001.rsp")

    assert (before, away.status, back.status) == (True, 200, 200)
    assert sorted(await states(customers, "123456.sms")) == ["ended", "withdrawn"]
    assert not await is_let_in(customers, "123456.sms")


async def test_that_of_a_deleted_customer_is_gone_and_keeps_no_other_from_ending(
    customers: Client,
) -> None:
    await grant(customers, "123456.sms")
    vendor = a_pass("123456.sms", Permission.TENANT_EDIT, org="vendor", factor_at=JUST_NOW)
    tenant = await customers.get(
        "/v1/tenants/123456.sms", as_=a_pass("123456.sms", Permission.TENANT_READ)
    )
    left = await customers.post(
        "/v1/tenants/123456.sms/offboard",
        as_=vendor,
        json={"reason": "Gone"},
        headers={"If-Match": tenant.headers["ETag"]},
    )
    async with customers.acting(build) as deps:
        customers.now.advance(deps.offboarding_kept)
        await delete_due_tenants(deps)
        await grant(customers, "123457.sms")
        customers.now.advance(timedelta(days=9))
        await look_at_due(deps)

    assert left.status == 200, left.body
    assert await customers.mongo.collection("accesses").find({"tenant_id": "123456.sms"}) == []
    assert await customers.mongo.collection("delegations").find({"_id": "123456.sms"}) == []
    assert {one.tenant_id for one in await customers.heard(AccessEndAnnounced)} <= {"123457.sms"}
    assert [one.tenant_id for one in await customers.heard(AccessEnded)] == ["123457.sms"]
    assert await states(customers, "123457.sms") == ["ended"]
