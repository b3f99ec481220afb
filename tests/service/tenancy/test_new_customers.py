"""Customers that a reseller creates without a licence order, and what it keeps about them."""

import asyncio
from typing import Any

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import ResellerSuspended, TenantCreated, TenantEdited
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.tenancy import add_tenant

PATH = "/v1/resellers/100001.rsp/customers"
ONE = "/v1/tenants/123456.sms"
SELLER = a_pass("100001.rsp", *GRANTS[Role.RESELLER_SALES][Relation.OWN])
STAFF = a_pass("123456.sms", *GRANTS[Role.RESELLER_SALES][Relation.ASSIGNED], org="100001.rsp")
OWN = a_pass("123456.sms", *GRANTS[Role.ADMIN][Relation.OWN])
VENDOR = a_pass("100001.rsp", *Permission, org="vendor", factor_at=int(NOON.timestamp()))


def a_customer(**more: Any) -> dict[str, Any]:
    return {"name": "Acme", **more}


async def create(tenancy: Client, body: dict[str, Any], key: str | None = None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return await tenancy.post(PATH, as_=SELLER, json=body, headers=headers)


async def edit(tenancy: Client, as_: Any = STAFF, **changes: Any) -> Answer:
    tag = (await tenancy.get(ONE, as_=OWN)).headers["ETag"]
    return await tenancy.patch(ONE, as_=as_, json=changes, headers={"If-Match": tag})


async def test_a_customer_is_created_with_all_that_is_known_of_it(tenancy: Client) -> None:
    body = a_customer(
        locale="en",
        reseller_number=" 4711 ",
        aliases=["Akme"],
        email_domains=["ACME.example", "acme.example"],
        admin={"username": "ada", "email": "ada@acme.example"},
    )

    answer = await create(tenancy, body)

    assert (answer.status, answer.body["status"]) == (201, "active")
    assert answer.headers["Location"] == f"/v1/tenants/{answer.body['id']}"
    assert (answer.body["reseller_number"], answer.body["aliases"]) == ("4711", ["Akme"])
    assert answer.body["email_domains"] == ["acme.example"]
    (told,) = await tenancy.heard(TenantCreated)
    assert (told.tenant_id, told.reseller_id) == (answer.body["id"], "100001.rsp")
    assert told.first_admin is not None
    assert (told.first_admin.display_name, told.first_admin.locale) == ("ada", "en")


async def test_a_sandbox_is_one_from_its_beginning(tenancy: Client) -> None:
    sandbox = await create(tenancy, a_customer(sandbox=True))
    other = await create(tenancy, a_customer())
    unclear = await create(tenancy, a_customer(sandbox="yes"))

    assert (sandbox.body["sandbox"], other.body["sandbox"], unclear.status) == (True, False, 422)
    told = {one.tenant_id: one.sandbox for one in await tenancy.heard(TenantCreated)}
    assert told == {sandbox.body["id"]: True, other.body["id"]: False}


async def test_the_same_request_under_the_same_key_is_the_same_customer(tenancy: Client) -> None:
    first = await create(tenancy, a_customer(), "k-1")
    again = await create(tenancy, a_customer(), "k-1")
    other = await create(tenancy, a_customer(name="Other"), "k-1")

    assert (first.status, again.status, again.body["id"]) == (201, 201, first.body["id"])
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert len(await tenancy.heard(TenantCreated)) == 1


async def test_a_reseller_that_is_not_authorised_gets_no_customer(tenancy: Client) -> None:
    body = {"reason": "Bills unpaid"}
    await tenancy.post("/v1/resellers/100001.rsp/suspend", as_=VENDOR, json=body)

    answer = await create(tenancy, a_customer())

    assert len(await tenancy.heard(ResellerSuspended)) == 1
    assert (answer.status, answer.body["code"]) == (409, "reseller_not_authorised")
    assert (await tenancy.get(PATH, as_=SELLER)).body["items"] == []


async def test_nobody_creates_customers_elsewhere_or_without_the_right(tenancy: Client) -> None:
    support = a_pass("100001.rsp", *GRANTS[Role.RESELLER_SUPPORT][Relation.OWN])
    foreign = a_pass("100002.rsp", *Permission)

    answers = [
        await tenancy.post(PATH, as_=caller, json=a_customer())
        for caller in (support, foreign, OWN, None)
    ]

    assert [one.status for one in answers] == [403, 401, 401, 401]
    assert await tenancy.heard(TenantCreated) == []


async def test_an_email_domain_belongs_to_one_organisation(tenancy: Client) -> None:
    first = await create(tenancy, a_customer(email_domains=["acme.example"]))
    second = await create(tenancy, a_customer(email_domains=["other.example", "acme.example"]))
    await add_tenant(tenancy, "123456.sms")
    third = await edit(tenancy, email_domains=["acme.example"])
    given_up = await tenancy.patch(
        f"/v1/tenants/{first.body['id']}",
        as_=a_pass(first.body["id"], *Permission, org="100001.rsp"),
        json={"email_domains": []},
        headers={"If-Match": first.headers["ETag"]},
    )
    fourth = await edit(tenancy, email_domains=["acme.example"])

    assert first.status == 201
    for refused in (second, third):
        assert (refused.status, refused.body["code"]) == (409, "email_domain_taken")
    assert (given_up.status, fourth.status) == (200, 200)
    assert fourth.body["email_domains"] == ["acme.example"]


async def test_of_many_who_want_a_domain_at_once_one_gets_it(tenancy: Client) -> None:
    body = a_customer(email_domains=["acme.example"])

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(create(tenancy, body)) for _ in range(5)]

    assert sorted(one.result().status for one in tries) == [201, 409, 409, 409, 409]


async def test_what_is_edited_is_told_and_what_is_not_stays(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")

    changed = await edit(tenancy, name="Acme GmbH", reseller_number="4711", aliases=["Akme"])
    emptied = await edit(tenancy, reseller_number="")
    same = await edit(tenancy, name="Acme GmbH")

    assert (changed.body["reseller_number"], changed.body["aliases"]) == ("4711", ["Akme"])
    assert (emptied.body["reseller_number"], emptied.body["aliases"]) == (None, ["Akme"])
    assert same.headers["ETag"] == emptied.headers["ETag"] == '"3"'
    told = await tenancy.heard(TenantEdited)
    assert [(one.name, one.status) for one in told] == [("Acme GmbH", "active")] * 2


async def test_the_tenant_does_not_touch_what_its_reseller_keeps_about_it(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    number = await edit(tenancy, OWN, reseller_number="1")
    aliases = await edit(tenancy, OWN, aliases=["Best"])
    name = await edit(tenancy, OWN, name="Acme AG")

    assert [one.status for one in (number, aliases, name)] == [403, 403, 200]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"email_domains": ["gmail.com"]}, "free_mail", id="free mail"),
        pytest.param({"email_domains": [" GMX.de "]}, "free_mail", id="free mail, typed"),
        pytest.param({"email_domains": ["acme"]}, "string_pattern_mismatch", id="one label"),
        pytest.param({"email_domains": ["a..de"]}, "string_pattern_mismatch", id="empty label"),
        pytest.param({"email_domains": ["müller.de"]}, "string_pattern_mismatch", id="no ASCII"),
        pytest.param({"email_domains": ["a@b.de"]}, "string_pattern_mismatch", id="an address"),
        pytest.param({"email_domains": ["a.de"] * 21}, "too_long", id="too many domains"),
        pytest.param({"aliases": ["a"] * 11}, "too_long", id="too many aliases"),
        pytest.param({"aliases": [""]}, "string_too_short", id="an empty alias"),
        pytest.param({"reseller_id": "100002.rsp"}, "extra_forbidden", id="another reseller"),
        pytest.param({"id": "123456.sms"}, "extra_forbidden", id="an id"),
        pytest.param({"status": "active"}, "extra_forbidden", id="a state"),
        pytest.param({"admin": {"username": "a"}}, "missing", id="nobody to mail"),
    ],
)
async def test_bad_values_create_nothing(tenancy: Client, body: dict[str, Any], code: str) -> None:
    answer = await create(tenancy, a_customer(**body))

    assert (answer.status, answer.body["errors"][0]["code"]) == (422, code)
    assert (await tenancy.get(PATH, as_=SELLER)).body["items"] == []
