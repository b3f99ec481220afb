"""Where a reseller has e-mail domains, its staff is invited there and at its customers' only."""

from typing import Any, Final

import pytest

from shared.contracts.tenancy import ResellerChanged, TenantEdited, TenantTransferred
from tests.support.service import Client
from tests.support.users import CHIEF, PATH, STAFF, create

RESELLER: Final = "100001.rsp"


def has(*domains: str) -> ResellerChanged:
    return ResellerChanged(
        reseller_id=RESELLER,
        name="Nordlicht",
        locale="en",
        status="authorised",
        email_domains=list(domains),
    )


@pytest.fixture
async def auth(auth: Client) -> Client:
    """The reseller is at nordlicht.example, its customer 123456.sms at baeckerei.example."""
    await auth.deliver(has("nordlicht.example"), sequence=2, times=2)
    customers = TenantEdited(
        tenant_id="123456.sms", name="B", locale="de", email_domains=["baeckerei.example"]
    )
    await auth.deliver(customers, sequence=2)
    return auth


async def invite(auth: Client, address: str) -> Any:
    body = {"username": address.partition("@")[0], "email": address}
    return await auth.post(STAFF, as_=CHIEF, json=body)


@pytest.mark.parametrize("domain", ["nordlicht.example", "NORDLICHT.Example", "baeckerei.example"])
async def test_an_address_at_home_is_invited(auth: Client, domain: str) -> None:
    assert (await invite(auth, f"sally@{domain}")).status == 201


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "evil.example",
        "sub.nordlicht.example",
        "nordlicht.example.evil.example",
        "notnordlicht.example",
    ],
)
async def test_any_other_is_not(auth: Client, domain: str) -> None:
    answer = await invite(auth, f"sally@{domain}")

    (flaw,) = answer.body["errors"]
    assert (answer.status, flaw["code"], flaw["pointer"]) == (422, "foreign_domain", "#/body/email")
    assert (await auth.get(STAFF, as_=CHIEF)).body["items"] == []


async def test_nor_does_an_address_move_there(auth: Client) -> None:
    made = await invite(auth, "sally@nordlicht.example")
    path, tag = f"{STAFF}/{made.body['id']}", {"If-Match": made.headers["ETag"]}

    refused = await auth.patch(path, as_=CHIEF, json={"email": "s@evil.example"}, headers=tag)
    moved = await auth.patch(path, as_=CHIEF, json={"email": "s@baeckerei.example"}, headers=tag)

    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "foreign_domain")
    assert moved.status == 200


async def test_rows_of_a_file_are_told_and_left_out(auth: Client) -> None:
    text = "username,email\r\na,a@evil.example\r\nb,b@nordlicht.example\r\n"

    answer = await auth.post(f"{STAFF}/import", as_=CHIEF, json={"csv": text})

    assert (answer.body["created"], answer.body["invalid"]) == (1, 1)
    assert answer.body["rows"][0]["errors"] == [{"column": "email", "code": "foreign_domain"}]


async def test_a_customer_that_went_takes_its_domain_along(auth: Client) -> None:
    moved = TenantTransferred(
        tenant_id="123456.sms",
        name="B",
        reseller_id="100002.rsp",
        locale="de",
        status="active",
        former_reseller_id=RESELLER,
        reason="As agreed",
    )

    await auth.deliver(moved, sequence=3)

    assert (await invite(auth, "sally@baeckerei.example")).status == 422


async def test_without_domains_and_by_late_news_nothing_changes(auth: Client) -> None:
    await auth.deliver(has("evil.example"), sequence=1)
    late = await invite(auth, "sally@evil.example")

    await auth.deliver(has(), sequence=3)
    free = await invite(auth, "sally@evil.example")

    assert (late.status, free.status) == (422, 201)


async def test_a_tenants_users_are_at_any_domain(auth: Client) -> None:
    created = await create(auth, "erika")

    assert created.headers["Location"].startswith(PATH)
