"""Tenants made: by an order for a new customer, and by hand."""

import re

import pytest

from services.tenancy.actions.resellers import create_reseller
from services.tenancy.actions.tenants import create_tenant
from services.tenancy.app import build
from services.tenancy.domain.resellers import ResellerNotAuthorisedError
from shared.access import Permission
from shared.contracts.licensing import LicenceOrderPlaced, LicenceOrderRejected, NewCustomer
from shared.contracts.tenancy import ResellerCreated, TenantCreated, TenantRefused
from tests.support.service import Client, a_pass
from tests.support.tenancy import add_tenant


def an_order(reseller_id: str = "100001.rsp", order_id: str = "o-1") -> LicenceOrderPlaced:
    return LicenceOrderPlaced(
        order_id=order_id,
        reseller_id=reseller_id,
        product="mobile-security",
        seats=25,
        term_months=12,
        new_customer=NewCustomer(
            name="Newcomers",
            locale="en",
            reseller_number="K-17",
            admin_username="ada",
            admin_email="ada@newcomers.example",
            admin_display_name="Ada",
        ),
    )


async def test_an_order_for_a_new_customer_makes_its_tenant_and_names_its_admin(
    tenancy: Client,
) -> None:
    await tenancy.deliver(an_order())

    [created] = await tenancy.heard(TenantCreated)
    assert re.fullmatch(r"[1-9][0-9]{5}\.sms", created.tenant_id)
    assert (created.order_id, created.reseller_id) == ("o-1", "100001.rsp")
    assert created.first_admin is not None
    assert created.first_admin.email == "ada@newcomers.example"
    reader = a_pass(created.tenant_id, Permission.TENANT_READ)
    tenant = await tenancy.get(f"/v1/tenants/{created.tenant_id}", as_=reader)
    assert (tenant.body["name"], tenant.body["reseller_number"]) == ("Newcomers", "K-17")
    assert tenant.body["locale"] == "en"


async def test_an_order_that_comes_twice_makes_one_tenant(tenancy: Client) -> None:
    await tenancy.deliver(an_order(), times=3)

    assert len(await tenancy.heard(TenantCreated)) == 1
    assert await tenancy.mongo.collection("tenants").count({}) == 1


async def test_an_order_that_comes_again_under_another_id_makes_no_second_tenant(
    tenancy: Client,
) -> None:
    await tenancy.deliver(an_order(), event_id="e-1")

    await tenancy.deliver(an_order(), event_id="e-2")

    assert await tenancy.mongo.collection("tenants").count({}) == 1


async def test_a_reseller_that_is_unknown_gets_no_customer(tenancy: Client) -> None:
    await tenancy.deliver(an_order("999999.rsp"), times=2)

    [refused] = await tenancy.heard(TenantRefused)
    assert (refused.order_id, refused.reason) == ("o-1", "reseller_not_authorised")
    assert await tenancy.mongo.collection("tenants").count({}) == 0


async def test_a_suspended_reseller_gets_no_new_customer(tenancy: Client) -> None:
    suspended = {"$set": {"status": "suspended"}}
    await tenancy.mongo.collection("resellers").update({"_id": "100001.rsp"}, suspended)

    await tenancy.deliver(an_order())

    assert len(await tenancy.heard(TenantRefused)) == 1
    with pytest.raises(ResellerNotAuthorisedError):
        await add_tenant(tenancy, "123456.sms")


async def test_an_order_for_an_old_customer_asks_nothing_of_tenancy(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    order = an_order().model_copy(update={"new_customer": None, "tenant_id": "123456.sms"})

    await tenancy.deliver(order)

    assert await tenancy.failed() == []
    assert await tenancy.mongo.collection("tenants").count({}) == 1


async def test_what_is_there_already_is_not_made_again(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", name="First")

    async with tenancy.acting(build) as deps:
        tenant = await create_tenant(
            deps, tenant_id="123456.sms", name="Second", reseller_id="100002.rsp", locale="en"
        )
        reseller = await create_reseller(deps, reseller_id="100001.rsp", name="x", locale="en")

    assert (tenant, reseller) == (False, False)
    assert [event.name for event in await tenancy.heard(TenantCreated)] == ["First"]
    assert len(await tenancy.heard(ResellerCreated)) == 2


async def test_an_order_that_has_ended_meanwhile_sets_nobody_up(tenancy: Client) -> None:
    rejected = LicenceOrderRejected(order_id="o-1", reseller_id="100001.rsp", reason="timed_out")
    await tenancy.deliver(rejected, times=2)

    await tenancy.deliver(an_order(), times=2)

    assert await tenancy.heard(TenantCreated) == []
    assert await tenancy.heard(TenantRefused) == []
    assert await tenancy.mongo.collection("tenants").count({}) == 0


async def test_a_customer_that_is_there_stays_though_its_order_has_ended(tenancy: Client) -> None:
    await tenancy.deliver(an_order())
    rejected = LicenceOrderRejected(order_id="o-1", reseller_id="100001.rsp", reason="timed_out")

    await tenancy.deliver(rejected)
    await tenancy.deliver(an_order())

    assert len(await tenancy.heard(TenantCreated)) == 1
    assert await tenancy.mongo.collection("tenants").count({}) == 1
