"""What licensing does with a tenant that is gone."""

from services.licensing.actions.customers import purge_deleted
from services.licensing.app import build
from shared.access import Permission
from shared.contracts.tenancy import TenantCreated, TenantDeleted
from tests.support.service import Client, a_pass

ORDERS = "/v1/resellers/100001.rsp/licence-orders"
RESELLER = a_pass("100001.rsp", Permission.LICENCE_CREATE, Permission.LICENCE_READ)
GONE = TenantDeleted(tenant_id="123456.sms", name="Acme", reseller_id="100001.rsp")
ORDER = {
    "product": "mobile-security",
    "seats": 5,
    "term_months": 12,
    "customer": {"tenant_id": "123456.sms"},
}


async def test_its_licences_go_and_nobody_orders_for_it_while_the_order_stays(
    licensing: Client,
) -> None:
    bought = await licensing.post(ORDERS, as_=RESELLER, json=ORDER)

    await licensing.deliver(GONE, sequence=5, times=2)
    late = TenantCreated(tenant_id="123456.sms", name="Acme", reseller_id="100001.rsp", locale="de")
    await licensing.deliver(late)
    refused = await licensing.post(ORDERS, as_=RESELLER, json=ORDER)
    async with licensing.acting(build) as deps:
        await purge_deleted(deps)

    assert bought.status == 202
    assert (refused.status, refused.body["code"]) == (422, "unknown_customer")
    assert await licensing.mongo.collection("licences").count({}) == 0
    assert await licensing.mongo.collection("devices").count({}) == 0
    orders = await licensing.mongo.collection("orders").find({})
    assert [one["_id"] for one in orders] == [bought.body["order_id"]]


async def test_another_tenants_licences_stay(licensing: Client) -> None:
    other = TenantCreated(
        tenant_id="123457.sms", name="Other", reseller_id="100001.rsp", locale="de"
    )
    await licensing.deliver(other)
    order = {**ORDER, "customer": {"tenant_id": "123457.sms"}}
    await licensing.post(ORDERS, as_=RESELLER, json=order)

    await licensing.deliver(GONE, sequence=5)
    async with licensing.acting(build) as deps:
        await purge_deleted(deps)

    kept = await licensing.mongo.collection("licences").find({})
    assert [one["tenant_id"] for one in kept] == ["123457.sms"]
