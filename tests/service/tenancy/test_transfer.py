"""A customer is moved to another reseller in one step."""

import asyncio
from typing import Any

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import TenantAccessChanged, TenantTransferred
from shared.passes import GATEWAY
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant

PATH = "/v1/tenants/123456.sms/transfer"
JUST_NOW = int(NOON.timestamp())
SALES = a_pass("123456.sms", *GRANTS[Role.SALES][Relation.VENDOR], org="vendor", factor_at=JUST_NOW)


async def transfer(tenancy: Client, to: str = "100002.rsp", as_: Any = SALES) -> Answer:
    return await tenancy.post(PATH, as_=as_, json={"reseller_id": to, "reason": "As agreed"})


async def is_let_in(tenancy: Client, reseller: str) -> bool:
    path, query = "/internal/places/123456.sms", {"org": reseller}
    return (await tenancy.get(path, params=query, as_=a_pass(GATEWAY))).status == 200


async def customers_of(tenancy: Client, reseller: str) -> list[str]:
    seller = a_pass(reseller, Permission.TENANT_READ)
    answer = await tenancy.get(f"/v1/resellers/{reseller}/customers", as_=seller)
    return [one["id"] for one in answer.body["items"]]


async def test_the_former_reseller_is_out_and_the_new_one_in(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await tenancy.deliver(a_licence_of("123456.sms"))

    answer = await transfer(tenancy, " 100002.RSP ")

    assert (answer.status, answer.body["reseller_id"]) == (200, "100002.rsp")
    assert [await is_let_in(tenancy, one) for one in ("100001.rsp", "100002.rsp")] == [False, True]
    assert await customers_of(tenancy, "100001.rsp") == []
    assert await customers_of(tenancy, "100002.rsp") == ["123456.sms"]
    (told,) = await tenancy.heard(TenantTransferred)
    assert (told.former_reseller_id, told.reseller_id) == ("100001.rsp", "100002.rsp")
    assert (await tenancy.envelopes(TenantAccessChanged))[-1].subject == "123456.sms"


async def test_both_resellers_and_the_tenant_see_it_in_their_activity(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    await transfer(tenancy)

    for place in ("100001.rsp", "100002.rsp", "123456.sms"):
        kind = "tenants" if place.endswith("sms") else "resellers"
        reader = a_pass(place, Permission.ACTIVITY_READ, org="vendor")
        read = await tenancy.get(f"/v1/{kind}/{place}/activity", as_=reader)
        rows = {row["what"]: row for row in read.body["items"]}
        assert rows["tenant.transferred"]["reason"] == "As agreed"


async def test_what_the_former_reseller_kept_about_it_is_not_handed_on(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    staff = a_pass("123456.sms", Permission.TENANT_EDIT, org="100001.rsp")
    body = {"reseller_number": "4711", "aliases": ["Secret nickname"]}
    await tenancy.patch("/v1/tenants/123456.sms", as_=staff, json=body, headers={"If-Match": '"1"'})

    answer = await transfer(tenancy)

    assert (answer.body["reseller_number"], answer.body["aliases"]) == (None, [])


async def test_a_transfer_that_comes_again_changes_nothing(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(transfer(tenancy)) for _ in range(4)]

    assert {one.result().status for one in tries} == {200}
    assert len(await tenancy.heard(TenantTransferred)) == 1


@pytest.mark.parametrize("state", ["suspended", "terminated"])
async def test_a_reseller_that_is_not_authorised_gets_nobody(tenancy: Client, state: str) -> None:
    await add_tenant(tenancy, "123456.sms")
    verb = {"suspended": "suspend", "terminated": "terminate"}[state]
    vendor = a_pass("100002.rsp", *Permission, org="vendor", factor_at=JUST_NOW)
    await tenancy.post(f"/v1/resellers/100002.rsp/{verb}", as_=vendor, json={"reason": "No"})

    answer = await transfer(tenancy)

    assert (answer.status, answer.body["code"]) == (409, "reseller_not_authorised")
    assert await customers_of(tenancy, "100001.rsp") == ["123456.sms"]


async def test_an_unknown_reseller_and_an_unknown_tenant_are_where_nothing_is(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms")

    no_reseller = await transfer(tenancy, "999999.rsp")
    nowhere = a_pass("999999.sms", *Permission, org="vendor", factor_at=JUST_NOW)
    no_tenant = await tenancy.post(
        "/v1/tenants/999999.sms/transfer",
        as_=nowhere,
        json={"reseller_id": "100002.rsp", "reason": "No"},
    )

    assert (no_reseller.status, no_reseller.body["code"]) == (404, "not_found")
    assert (no_tenant.status, no_tenant.body["code"]) == (404, "not_found")


@pytest.mark.parametrize("to", ["123456.sms", "vendor", "", "100002", "no id/at all"])
async def test_what_can_be_no_reseller_is_answered_like_one_that_is_not_there(
    tenancy: Client, to: str
) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer, absent = await transfer(tenancy, to), await transfer(tenancy, "999999.rsp")

    assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert answer.body.keys() == absent.body.keys()
    assert answer.body["detail"] == absent.body["detail"]


@pytest.mark.parametrize("to", [{"$ne": ""}, None, 100002, "1" * 65])
async def test_what_is_no_text_names_no_reseller(tenancy: Client, to: Any) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await transfer(tenancy, to)

    assert (answer.status, answer.body["code"]) == (422, "invalid")


async def test_nobody_but_the_vendor_moves_customers(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    own = a_pass("123456.sms", *GRANTS[Role.ADMIN][Relation.OWN], factor_at=JUST_NOW)
    old = a_pass(
        "123456.sms",
        *GRANTS[Role.RESELLER_ADMIN][Relation.ASSIGNED],
        org="100001.rsp",
        factor_at=JUST_NOW,
    )
    thief = a_pass("200001.sms", *Permission, org="100002.rsp", factor_at=JUST_NOW)
    stale = a_pass("123456.sms", *Permission, org="vendor", factor_at=JUST_NOW - 3600)

    answers = [await transfer(tenancy, as_=caller) for caller in (own, old, thief, stale, None)]

    assert [one.status for one in answers] == [403, 403, 401, 401, 401]
    assert await customers_of(tenancy, "100001.rsp") == ["123456.sms"]


async def test_who_is_on_the_way_out_is_not_moved(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    there = a_pass("123456.sms", *Permission, org="vendor", factor_at=JUST_NOW)
    path, body = "/v1/tenants/123456.sms/offboard", {"reason": "Leaving"}
    await tenancy.post(path, as_=there, json=body, headers={"If-Match": '"1"'})

    answer = await transfer(tenancy)

    assert (answer.status, answer.body["code"]) == (409, "tenant_state")
