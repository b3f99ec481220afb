"""The gateway's question: may this organisation enter this place?"""

import asyncio
from datetime import timedelta

from shared.access import Permission
from shared.contracts.tenancy import TenantAccessChanged
from shared.passes import GATEWAY
from tests.support.service import Answer, Client, a_pass
from tests.support.tenancy import DAY, a_licence_of, add_tenant


async def ask(tenancy: Client, place: str, org: str) -> Answer:
    headers = {"X-Request-Id": "r-1"}
    path = f"/internal/places/{place}"
    return await tenancy.get(path, params={"org": org}, as_=a_pass(GATEWAY), headers=headers)


async def test_a_reseller_enters_a_customer_with_a_valid_licence(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await tenancy.deliver(a_licence_of("123456.sms"))

    answer = await ask(tenancy, "123456.sms", "100001.rsp")

    assert answer.status == 200
    assert answer.body == {
        "place": "123456.sms",
        "relation": "assigned",
        "reseller_id": "100001.rsp",
        "valid_until": "2027-04-08T12:00:00Z",
        "permissions": None,
        "outside": [],
    }


async def test_the_door_closes_at_the_very_instant_that_grace_ends(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await tenancy.deliver(a_licence_of("123456.sms", starts=-300, ends=10))

    tenancy.now.advance(40 * DAY - timedelta(seconds=1))
    before = await ask(tenancy, "123456.sms", "100001.rsp")
    tenancy.now.advance(timedelta(seconds=1))
    after = await ask(tenancy, "123456.sms", "100001.rsp")

    assert (before.status, after.status) == (200, 404)


async def test_foreign_unknown_and_expired_tenants_are_one_answer(tenancy: Client) -> None:
    await add_tenant(tenancy, "200001.sms", of="100002.rsp")
    await tenancy.deliver(a_licence_of("200001.sms"))
    await add_tenant(tenancy, "123457.sms")
    await tenancy.deliver(a_licence_of("123457.sms", licence_id="l-2", starts=-400, ends=-31))

    foreign = await ask(tenancy, "200001.sms", "100001.rsp")
    unknown = await ask(tenancy, "999999.sms", "100001.rsp")
    expired = await ask(tenancy, "123457.sms", "100001.rsp")
    no_such_reseller = await ask(tenancy, "999999.rsp", "100001.rsp")

    assert foreign.status == 404
    assert foreign.body == unknown.body == expired.body == no_such_reseller.body


async def test_a_tenant_is_at_home_without_a_licence_and_the_vendor_everywhere(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms")

    own = await ask(tenancy, "123456.sms", "123456.sms")
    vendor = await ask(tenancy, "123456.sms", "vendor")
    vendor_at_home = await ask(tenancy, "vendor", "vendor")
    reseller = await ask(tenancy, "100001.rsp", "100001.rsp")

    assert (own.body["relation"], own.body["valid_until"]) == ("own", None)
    assert (vendor.body["relation"], vendor.body["reseller_id"]) == ("vendor", "100001.rsp")
    assert (vendor_at_home.body["relation"], vendor_at_home.body["reseller_id"]) == ("vendor", None)
    assert (reseller.body["relation"], reseller.body["reseller_id"]) == ("own", "100001.rsp")


async def test_only_the_gateway_may_ask(tenancy: Client) -> None:
    path = "/internal/places/vendor"
    everything = a_pass("vendor", *Permission)

    with_a_persons_pass = await tenancy.get(path, params={"org": "vendor"}, as_=everything)
    without = await tenancy.get(path, params={"org": "vendor"}, as_=None)

    assert with_a_persons_pass.status == 401
    assert without.status == 401


async def test_a_new_licence_makes_void_what_the_gateways_decided(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    await tenancy.deliver(a_licence_of("123456.sms"), times=2)

    told = await tenancy.envelopes(TenantAccessChanged)
    assert [(event.subject, event.sequence) for event in told] == [("123456.sms", 2)]


async def test_what_was_said_before_of_a_licence_is_ignored(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await tenancy.deliver(a_licence_of("123456.sms"), sequence=2)

    await tenancy.deliver(a_licence_of("123456.sms", starts=-400, ends=-40), sequence=1)

    assert (await ask(tenancy, "123456.sms", "100001.rsp")).status == 200
    assert len(await tenancy.heard(TenantAccessChanged)) == 1


async def test_a_licence_that_is_heard_of_before_its_tenant_waits(tenancy: Client) -> None:
    await tenancy.deliver(a_licence_of("123456.sms"), event_id="e-1")
    assert await tenancy.failed() == ["UnknownTenantError: 123456.sms"]
    await add_tenant(tenancy, "123456.sms")

    await tenancy.deliver(a_licence_of("123456.sms"), event_id="e-1")
    tenancy.now.advance(timedelta(seconds=2))  # the next try finds it handled

    async with asyncio.timeout(5):
        while await tenancy.failed():
            await asyncio.sleep(0.05)
    assert (await ask(tenancy, "123456.sms", "100001.rsp")).status == 200
