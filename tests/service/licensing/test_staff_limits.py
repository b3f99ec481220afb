"""Staff that is limited to some customers sells to, reads of and manages no others."""

from typing import Any, Final

import pytest

from shared.access import Permission
from shared.contracts.tenancy import StaffLimited, TenantCreated
from tests.support.licensing import a_licence
from tests.support.service import NOON, Client, a_pass

RESELLER: Final = "/v1/resellers/100001.rsp"
MINE, OTHER = "123456.sms", "123457.sms"
SALLY: Final = a_pass("100001.rsp", *Permission, subject="sally", factor_at=int(NOON.timestamp()))
RITA: Final = a_pass("100001.rsp", *Permission, subject="rita")


def limited(*customers: str) -> StaffLimited:
    return StaffLimited(account_id="sally", reseller_id="100001.rsp", customers=list(customers))


def an_order(customer: dict[str, Any]) -> dict[str, Any]:
    return {"product": "mdm", "seats": 5, "term_months": 12, "customer": customer}


@pytest.fixture
async def sold(licensing: Client) -> Client:
    """A licence for each of two customers of 100001.rsp; Sally is limited to the first."""
    other = TenantCreated(tenant_id=OTHER, name="B", reseller_id="100001.rsp", locale="de")
    await licensing.deliver(other)
    await a_licence(licensing, "l-1", of=MINE)
    await a_licence(licensing, "l-2", of=OTHER)
    await licensing.deliver(limited(MINE), sequence=2, times=2)
    return licensing


async def licences(client: Client, who: Any = SALLY, **query: str) -> list[str]:
    answer = await client.get(f"{RESELLER}/licences", as_=who, params=query)
    return sorted(one["id"] for one in answer.body["items"])


async def test_the_list_has_only_licences_of_these_customers(sold: Client) -> None:
    assert await licences(sold) == ["l-1"]
    assert await licences(sold, tenant_id=OTHER) == []
    assert await licences(sold, RITA) == ["l-1", "l-2"]


@pytest.mark.parametrize("path", ["", "/history"])
async def test_others_licences_are_as_absent_as_none(sold: Client, path: str) -> None:
    found = await sold.get(f"{RESELLER}/licences/l-2{path}", as_=SALLY)
    never = await sold.get(f"{RESELLER}/licences/never{path}", as_=SALLY)

    assert (found.status, never.status) == (404, 404)
    assert found.body["code"] == never.body["code"]
    assert (await sold.get(f"{RESELLER}/licences/l-1{path}", as_=SALLY)).status == 200


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("renew", {"term_months": 12}),
        ("resize", {"seats": 9}),
        ("suspend", {}),
        ("revoke", {}),
        ("cancel", {}),
        ("transfer", {"tenant_id": MINE}),
    ],
)
async def test_others_licences_are_not_managed(
    sold: Client, verb: str, body: dict[str, Any]
) -> None:
    answer = await sold.post(f"{RESELLER}/licences/l-2/{verb}", as_=SALLY, json=body)

    assert (answer.status, answer.body["code"]) == (404, "not_found")
    row = await sold.mongo.collection("licences").find_one({"_id": "l-2"})
    assert row is not None
    assert (row["version"], row["tenant_id"]) == (1, OTHER)


async def test_no_licence_is_given_to_others(sold: Client) -> None:
    path = f"{RESELLER}/licences/l-1/transfer"
    other = await sold.post(path, as_=SALLY, json={"tenant_id": OTHER})
    foreign = await sold.post(path, as_=SALLY, json={"tenant_id": "200001.sms"})

    assert (other.status, other.body["code"]) == (422, "unknown_customer")
    assert (foreign.status, foreign.body["code"]) == (422, "unknown_customer")


@pytest.mark.parametrize(
    ("customer", "refusal"),
    [
        ({"tenant_id": OTHER}, (422, "unknown_customer")),
        ({"tenant_id": "200001.sms"}, (422, "unknown_customer")),
        (
            {"new": {"name": "New", "admin": {"username": "a", "email": "a@new.example"}}},
            (403, "limited_seller"),
        ),
    ],
)
async def test_nothing_is_ordered_for_others(
    sold: Client, customer: dict[str, Any], refusal: tuple[int, str]
) -> None:
    path = f"{RESELLER}/licence-orders"
    answer = await sold.post(path, as_=SALLY, json=an_order(customer))
    mine = await sold.post(path, as_=SALLY, json=an_order({"tenant_id": MINE}))

    assert (answer.status, answer.body["code"]) == refusal
    assert mine.status == 202
    assert await sold.mongo.collection("orders").count({}) == 1


async def test_others_orders_are_neither_listed_nor_read(sold: Client) -> None:
    path = f"{RESELLER}/licence-orders"
    placed = [
        (await sold.post(path, as_=RITA, json=an_order({"tenant_id": tenant}))).body["order_id"]
        for tenant in (MINE, OTHER)
    ]

    listed = await sold.get(path, as_=SALLY)
    read = [(await sold.get(f"{path}/{order_id}", as_=SALLY)).status for order_id in placed]

    assert [one["id"] for one in listed.body["items"]] == placed[:1]
    assert read == [200, 404]


@pytest.mark.parametrize("path", ["", "/2026-02", "/2026-01"])
async def test_statements_of_all_customers_are_not_for_who_has_some(
    sold: Client, path: str
) -> None:
    answer = await sold.get(f"{RESELLER}/statements{path}", as_=SALLY)
    whole = await sold.get(f"{RESELLER}/statements", as_=RITA)

    assert (answer.status, answer.body["code"], whole.status) == (403, "forbidden", 200)


async def test_what_is_told_late_changes_nothing_and_no_limit_is_all(sold: Client) -> None:
    await sold.deliver(limited(OTHER), sequence=1)
    late = await licences(sold)

    free = StaffLimited(account_id="sally", reseller_id="100001.rsp")
    await sold.deliver(free, sequence=3)

    assert late == ["l-1"]
    assert await licences(sold) == ["l-1", "l-2"]
