"""A reseller's e-mail domains: set by the vendor, each of one organisation, none of free mail."""

from typing import Any, Final

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import ResellerChanged, TenantCreated, TenantEdited
from shared.passes import Pass
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.tenancy import add_tenant

ONE, OTHER = "/v1/resellers/100001.rsp", "/v1/resellers/100002.rsp"
JUST_NOW: Final = int(NOON.timestamp())
HELD: Final = GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR]
VENDOR: Final = {
    path: a_pass(place, *HELD, org="vendor", factor_at=JUST_NOW)
    for path, place in ((ONE, "100001.rsp"), (OTHER, "100002.rsp"))
}


async def give(client: Client, path: str, domains: Any, as_: Pass | None = None) -> Answer:
    tag = (await client.get(path, as_=VENDOR[path])).headers["ETag"]
    return await client.patch(
        path,
        as_=as_ or VENDOR[path],
        json={"email_domains": domains},
        headers={"If-Match": tag},
    )


async def of(client: Client, path: str) -> list[str]:
    found: list[str] = (await client.get(path, as_=VENDOR[path])).body["email_domains"]
    return found


async def test_the_vendor_sets_them_and_everybody_hears_all_of_them(tenancy: Client) -> None:
    answer = await give(tenancy, ONE, [" NORDLICHT.example ", "a.example", "a.example"])
    gone = await give(tenancy, ONE, ["a.example"])

    assert (answer.status, answer.body["email_domains"]) == (
        200,
        ["a.example", "nordlicht.example"],
    )
    assert gone.body["email_domains"] == ["a.example"]
    told = [event.email_domains for event in await tenancy.heard(ResellerChanged)]
    assert told == [["a.example", "nordlicht.example"], ["a.example"]]


async def test_what_is_given_up_is_free_for_others(tenancy: Client) -> None:
    await give(tenancy, ONE, ["a.example"])
    taken = await give(tenancy, OTHER, ["a.example"])
    await give(tenancy, ONE, [])
    free = await give(tenancy, OTHER, ["a.example"])

    assert (taken.status, taken.body["code"]) == (409, "email_domain_taken")
    assert free.status == 200


async def test_a_domain_is_a_resellers_or_a_customers(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await give(tenancy, ONE, ["a.example"])
    seller = a_pass("123456.sms", Permission.TENANT_EDIT, Permission.TENANT_READ, org="100001.rsp")
    path, tag = "/v1/tenants/123456.sms", {"If-Match": '"1"'}

    refused = await tenancy.patch(
        path, as_=seller, json={"email_domains": ["a.example"]}, headers=tag
    )
    mine = await tenancy.patch(path, as_=seller, json={"email_domains": ["b.example"]}, headers=tag)
    back = await give(tenancy, ONE, ["a.example", "b.example"])

    assert (refused.status, refused.body["code"]) == (409, "email_domain_taken")
    assert (mine.status, back.status) == (200, 409)
    assert await of(tenancy, ONE) == ["a.example"]
    assert [one.email_domains for one in await tenancy.heard(TenantCreated)] == [[]]
    assert [one.email_domains for one in await tenancy.heard(TenantEdited)] == [["b.example"]]


@pytest.mark.parametrize(
    "domains",
    [["gmail.com"], ["a.example", "GMX.de"], ["no domain"], ["a@b.example"], "a.example", None],
)
async def test_what_is_no_domain_of_an_organisation_is_refused(
    tenancy: Client, domains: Any
) -> None:
    answer = await give(tenancy, ONE, domains)

    assert answer.status == 422
    assert await of(tenancy, ONE) == []


async def test_a_reseller_sets_none_itself(tenancy: Client) -> None:
    staff = a_pass("100001.rsp", *GRANTS[Role.RESELLER_ADMIN][Relation.OWN], factor_at=JUST_NOW)

    answer = await give(tenancy, ONE, ["a.example"], staff)

    assert answer.status == 403
    assert await of(tenancy, ONE) == []
