"""A customer's licences go along to another reseller."""

from shared.access import Permission
from shared.contracts.licensing import LicenceChanged
from shared.contracts.tenancy import TenantTransferred
from tests.service.licensing.test_quotas import hand_out
from tests.support.service import Client, a_pass

OLD, NEW = "100001.rsp", "100002.rsp"
READ = (Permission.LICENCE_CREATE, Permission.LICENCE_READ)
ORDER = {
    "product": "mobile-security",
    "seats": 5,
    "term_months": 12,
    "customer": {"tenant_id": "123456.sms"},
}
LICENCES = "/v1/tenants/123456.sms/licences"


def moved(to: str, former: str) -> TenantTransferred:
    return TenantTransferred(
        tenant_id="123456.sms",
        name="Acme",
        reseller_id=to,
        locale="de",
        status="active",
        former_reseller_id=former,
        reason="As agreed",
    )


async def order(licensing: Client, reseller: str) -> int:
    path = f"/v1/resellers/{reseller}/licence-orders"
    return (await licensing.post(path, as_=a_pass(reseller, *READ), json=ORDER)).status


async def test_they_keep_their_ids_and_belong_to_the_new_reseller(licensing: Client) -> None:
    await order(licensing, OLD)
    reader = a_pass("123456.sms", Permission.LICENCE_READ)
    before = (await licensing.get(LICENCES, as_=reader)).body["items"]

    await licensing.deliver(moved(NEW, OLD), sequence=5, times=2)
    after = (await licensing.get(LICENCES, as_=reader)).body["items"]

    assert [one["id"] for one in after] == [one["id"] for one in before]
    rows = await licensing.mongo.collection("licences").find({})
    assert [row["reseller_id"] for row in rows] == [NEW]
    orders = await licensing.mongo.collection("orders").find({})
    assert [row["reseller_id"] for row in orders] == [OLD]


async def test_the_new_reseller_orders_for_it_and_the_former_one_no_longer(
    licensing: Client,
) -> None:
    await licensing.deliver(moved(NEW, OLD), sequence=5)

    assert [await order(licensing, OLD), await order(licensing, NEW)] == [422, 202]


async def test_an_older_transfer_that_comes_late_changes_nothing(licensing: Client) -> None:
    await licensing.deliver(moved(NEW, OLD), sequence=5)

    await licensing.deliver(moved(OLD, NEW), sequence=4)

    assert await order(licensing, NEW) == 202


async def test_the_move_is_in_each_licences_ledger_and_gives_the_quota_back(
    licensing: Client,
) -> None:
    quota = f"/v1/resellers/{OLD}/quotas/mobile-security"
    await hand_out(licensing, 9)
    await order(licensing, OLD)
    before = await licensing.get(quota, as_=a_pass(OLD, *READ))

    await licensing.deliver(moved(NEW, OLD), sequence=5, times=2)

    after = await licensing.get(quota, as_=a_pass(OLD, *READ))
    assert (before.body["drawn"], after.body["drawn"]) == (5, 0)
    entries = await licensing.mongo.collection("ledger").find({}, sort=[("version", 1)])
    assert [(one["act"], one["after"]["reseller_id"], one["reason"]) for one in entries] == [
        ("created", OLD, None),
        ("handed_over", NEW, "As agreed"),
    ]
    (told,) = await licensing.heard(LicenceChanged)
    assert (told.act, told.reseller_id) == ("handed_over", NEW)
