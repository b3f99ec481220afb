"""What licensing does with a tenant that is gone."""

from datetime import timedelta

from services.licensing.actions.customers import purge_deleted
from services.licensing.app import build
from services.licensing.domain.licence_files import LIST_TYPE
from shared.access import Permission
from shared.contracts.licensing import LicenceChanged
from shared.contracts.tenancy import TenantCreated, TenantDeleted
from shared.keys import read_signed
from shared.passes import PUBLIC
from tests.service.licensing.test_quotas import hand_out
from tests.support.licensing import LICENCE_KEYS
from tests.support.plans import scanned
from tests.support.service import Client, a_pass

QUOTA = "/v1/resellers/100001.rsp/quotas/mobile-security"
ORDERS = "/v1/resellers/100001.rsp/licence-orders"
RESELLER = a_pass("100001.rsp", Permission.LICENCE_CREATE, Permission.LICENCE_READ)
GONE = TenantDeleted(tenant_id="123456.sms", name="Acme", reseller_id="100001.rsp")
ORDER = {
    "product": "mobile-security",
    "seats": 5,
    "term_months": 12,
    "customer": {"tenant_id": "123456.sms"},
}


async def revoked(licensing: Client) -> list[str]:
    """The licences on the list of revocations."""
    path = "/.well-known/licence-revocations"
    answer = await licensing.get(path, as_=a_pass(PUBLIC))
    claims: list[str] = read_signed(LICENCE_KEYS, answer.body, typ=LIST_TYPE)["licences"]
    return claims


async def test_its_licences_go_and_nobody_orders_for_it_while_the_order_stays(
    licensing: Client,
) -> None:
    bought = await licensing.post(ORDERS, as_=RESELLER, json=ORDER)

    await licensing.deliver(GONE, sequence=5, times=2)
    late = TenantCreated(tenant_id="123456.sms", name="Acme", reseller_id="100001.rsp", locale="de")
    await licensing.deliver(late)
    refused = await licensing.post(ORDERS, as_=RESELLER, json=ORDER)
    async with scanned(licensing) as read_as_a_whole, licensing.acting(build) as deps:
        await purge_deleted(deps)

    assert bought.status == 202
    assert read_as_a_whole.isdisjoint({"licences", "devices"})
    assert (refused.status, refused.body["code"]) == (422, "unknown_customer")
    assert await licensing.mongo.collection("licences").count({}) == 0
    assert await licensing.mongo.collection("devices").count({}) == 0
    orders = await licensing.mongo.collection("orders").find({})
    assert [one["_id"] for one in orders] == [bought.body["order_id"]]


async def test_files_of_its_licences_are_revoked_for_as_long_as_one_may_be_about(
    licensing: Client,
) -> None:
    bought = await licensing.post(ORDERS, as_=RESELLER, json=ORDER)
    order = await licensing.get(f"{ORDERS}/{bought.body['order_id']}", as_=RESELLER)
    before = await revoked(licensing)

    await licensing.deliver(GONE, sequence=5)
    async with licensing.acting(build) as deps:
        await purge_deleted(deps)
    since = await revoked(licensing)
    licensing.now.advance(timedelta(days=30, seconds=-1))
    still = await revoked(licensing)
    licensing.now.advance(timedelta(seconds=2))

    licence_id = order.body["licence_id"]
    assert (before, since, still) == ([], [licence_id], [licence_id])
    assert await revoked(licensing) == []


async def test_its_licences_end_in_the_ledger_and_their_seats_come_back(
    licensing: Client,
) -> None:
    await hand_out(licensing, 9)
    await licensing.post(ORDERS, as_=RESELLER, json=ORDER)
    quota = await licensing.get(QUOTA, as_=RESELLER)

    await licensing.deliver(GONE, sequence=5, times=2)

    left = await licensing.get(QUOTA, as_=RESELLER)
    assert (quota.body["drawn"], left.body["drawn"]) == (5, 0)
    (told,) = await licensing.heard(LicenceChanged)
    assert (told.act, told.reason) == ("revoked", "The customer was deleted.")
    entries = await licensing.mongo.collection("ledger").find({}, sort=[("version", 1)])
    assert [each["act"] for each in entries] == ["created", "revoked"]


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
