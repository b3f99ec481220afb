"""The list of a reseller's customers."""

from typing import Any

import pytest

from shared.access import Permission
from tests.support.service import Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant

PATH = "/v1/resellers/100001.rsp/customers"
RESELLER = a_pass("100001.rsp", Permission.TENANT_READ, Permission.RESELLER_READ)


async def page(tenancy: Client, **query: str) -> dict[str, Any]:
    answer = await tenancy.get(PATH, params=query, as_=RESELLER)
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def ids(tenancy: Client, **query: str) -> list[str]:
    return [item["id"] for item in (await page(tenancy, **query))["items"]]


async def all_pages(tenancy: Client, **query: str) -> list[str]:
    found: list[str] = []
    while True:
        body = await page(tenancy, **query)
        found += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            return found
        query["cursor"] = body["next_cursor"]


async def test_every_assigned_customer_is_listed_whatever_its_licence_and_no_foreign_one(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms", name="Valid")
    await tenancy.deliver(a_licence_of("123456.sms", licence_id="l-1"))
    await add_tenant(tenancy, "123457.sms", name="Expired")
    await tenancy.deliver(a_licence_of("123457.sms", licence_id="l-2", starts=-400, ends=-40))
    await add_tenant(tenancy, "123458.sms", name="Never")
    await add_tenant(tenancy, "200001.sms", of="100002.rsp", name="Foreign")

    body = await page(tenancy)

    shown = [(item["id"], item["licence_state"], item["licence_ends_on"]) for item in body["items"]]
    assert shown == [
        ("123456.sms", "active", "2027-03-09"),
        ("123457.sms", "expired", "2026-01-29"),
        ("123458.sms", "none", None),
    ]
    assert body["next_cursor"] is None


async def test_another_resellers_pass_lists_nothing(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await tenancy.get(PATH, as_=a_pass("100002.rsp", *Permission))

    assert (answer.status, answer.body["code"]) == (401, "pass_required")


@pytest.mark.parametrize("sort", ["id", "name", "created", "days_left"])
async def test_paging_shows_each_customer_once_while_others_are_added(
    tenancy: Client, sort: str
) -> None:
    names = ["Zeta", "acme", "Äcme", "acme", "Beta", "acme", "Delta"]
    for number, name in enumerate(names):
        await add_tenant(tenancy, f"12345{number}.sms", name=name)
    expected = await ids(tenancy, sort=sort)
    first = await page(tenancy, sort=sort, limit="2")

    await add_tenant(tenancy, "100000.sms", name="Aaa")
    rest = await all_pages(tenancy, sort=sort, limit="2", cursor=first["next_cursor"])

    seen = [item["id"] for item in first["items"]] + rest
    assert [one for one in seen if one != "100000.sms"] == expected
    assert len(set(seen)) == len(seen)


async def test_by_name_neither_case_nor_accents_matter(tenancy: Client) -> None:
    for number, name in enumerate(["zeta", "Äpfel", "apfel", "Beta"]):
        await add_tenant(tenancy, f"12345{number}.sms", name=name)

    assert await all_pages(tenancy, sort="name", limit="1") == [
        "123451.sms",
        "123452.sms",
        "123453.sms",
        "123450.sms",
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param("mul", ["123456.sms", "123457.sms"], id="start of a name"),
        pytest.param("MÜLLER G", ["123456.sms"], id="case and accents"),
        pytest.param("12345", ["123456.sms", "123457.sms", "123458.sms"], id="start of an id"),
        pytest.param("gmbh", [], id="not in the middle"),
        pytest.param(".*", ["123458.sms"], id="signs mean themselves"),
        pytest.param("MAX", ["123457.sms"], id="an alias"),
        pytest.param("47", ["123457.sms"], id="the reseller's own number"),
        pytest.param("^", [], id="no pattern"),
    ],
)
async def test_customers_are_found_by_the_start_of_name_or_id(
    tenancy: Client, search: str, expected: list[str]
) -> None:
    await add_tenant(tenancy, "123456.sms", name="Müller GmbH")
    await add_tenant(tenancy, "123457.sms", name="muller")
    await add_tenant(tenancy, "123458.sms", name=".* & Söhne")
    await add_tenant(tenancy, "200001.sms", of="100002.rsp", name="Müller GmbH")
    staff = a_pass("123457.sms", Permission.TENANT_EDIT, org="100001.rsp")
    kept = {"aliases": ["Max & Co"], "reseller_number": "4711"}
    await tenancy.patch("/v1/tenants/123457.sms", as_=staff, json=kept, headers={"If-Match": '"1"'})

    assert await ids(tenancy, search=search) == expected
    assert await all_pages(tenancy, search=search, limit="1") == expected


async def test_the_filter_agrees_with_the_state_that_is_shown(tenancy: Client) -> None:
    terms = {
        "active": [(-1, 364)],
        "expiring": [(-300, 20)],
        "grace": [(-400, -5)],
        "expired": [(-400, -30)],
        "none": [(5, 300)],
        "active beside others": [(-400, -40), (-300, 20), (-1, 364)],
        "grace beside a later one": [(-400, -5), (40, 400)],
        "without": [],
    }
    for number, licences in enumerate(terms.values()):
        tenant_id = f"12345{number}.sms"
        await add_tenant(tenancy, tenant_id)
        for each, (starts, ends) in enumerate(licences):
            held = a_licence_of(
                tenant_id, licence_id=f"l-{number}-{each}", starts=starts, ends=ends
            )
            await tenancy.deliver(held)
    items = (await page(tenancy))["items"]

    for state in ("active", "expiring", "grace", "expired", "none"):
        shown = [item["id"] for item in items if item["licence_state"] == state]
        assert await all_pages(tenancy, licence_state=state, limit="1") == shown
        assert shown


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"limit": "0"}, id="no items"),
        pytest.param({"limit": "201"}, id="too many"),
        pytest.param({"limit": "many"}, id="no number"),
        pytest.param({"sort": "reseller_id"}, id="unknown order"),
        pytest.param({"licence_state": "valid"}, id="unknown state"),
        pytest.param({"cursor": "nonsense"}, id="no cursor"),
        pytest.param({"cursor": "WyJpZCJd"}, id="a cursor without a position"),
        pytest.param({"cursor": "WyJpZCIsNV0"}, id="a cursor with a number"),
        pytest.param({"cursor": "WyJpZCIseyIkZ3QiOiIifV0"}, id="a cursor with an operator"),
        pytest.param({"cursor": "WyJuYW1lIiwiYSIsImIiXQ"}, id="a cursor of another order"),
        pytest.param({"cursor": "WyJpZCIsIlx1ZDgwMCJd"}, id="a cursor with half a character"),
        pytest.param({"cursor": "[" * 2000}, id="brackets"),
        pytest.param({"order": "id"}, id="unknown field"),
        pytest.param({"two_factor": "most"}, id="unknown coverage"),
        pytest.param({"days_left": "-1"}, id="days gone by"),
        pytest.param({"days_left": "40000"}, id="days beyond the calendar"),
        pytest.param({"days_left": "5", "sort": "name"}, id="few days left by name"),
        pytest.param({"sort": "created", "cursor": "WyJjcmVhdGVkIiwiYSIsImIiXQ"}, id="no time"),
    ],
)
async def test_nonsense_in_the_query_is_refused(tenancy: Client, query: dict[str, str]) -> None:
    answer = await tenancy.get(PATH, params=query, as_=RESELLER)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert answer.body["errors"][0]["pointer"].startswith("#/query")


async def test_a_reseller_shows_itself(tenancy: Client) -> None:
    answer = await tenancy.get("/v1/resellers/100001.rsp", as_=RESELLER)
    unknown = await tenancy.get(
        "/v1/resellers/999999.rsp", as_=a_pass("999999.rsp", *Permission, org="vendor")
    )

    assert answer.body == {
        "id": "100001.rsp",
        "name": "Reseller 100001.rsp",
        "status": "authorised",
        "locale": "de",
        "created_at": "2026-03-10T12:00:00Z",
        "email_domains": [],
    }
    assert unknown.status == 404
