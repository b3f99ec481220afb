"""What customers are filtered and sorted by besides names, and that an index gives each page."""

from datetime import timedelta
from typing import Any

import pytest

from services.tenancy.actions.customers import renew_lists
from services.tenancy.app import build
from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AccountDeleted, AccountRecorded
from shared.paging import write_cursor
from tests.support.service import Client, a_pass
from tests.support.tenancy import DAY, a_licence_of, add_tenant

PATH = "/v1/resellers/100001.rsp/customers"
RESELLER = a_pass("100001.rsp", *GRANTS[Role.RESELLER_SUPPORT][Relation.OWN])


async def listed(tenancy: Client, **query: str) -> list[dict[str, Any]]:
    answer = await tenancy.get(PATH, params=query, as_=RESELLER)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.body["items"]
    return found


async def ids(tenancy: Client, **query: str) -> list[str]:
    return [one["id"] for one in await listed(tenancy, **query)]


async def account(tenancy: Client, name: str, org: str, *, sequence: int = 1, **more: Any) -> None:
    facts: dict[str, Any] = {
        "account_id": name,
        "org": org,
        "username": name,
        "email": f"{name}@a.example",
        "locale": "de",
        "display_name": name,
        "roles": ["admin"],
        "status": "active",
        "has_second_factor": False,
    }
    await tenancy.deliver(AccountRecorded(**facts | more), sequence=sequence)


async def five(tenancy: Client) -> None:
    """Ending in 20 days, tomorrow, 40 days ago, never, and without a licence."""
    for number, ends in enumerate((20, 1, -40)):
        tenant = f"12345{number}.sms"
        await add_tenant(tenancy, tenant)
        held = a_licence_of(tenant, licence_id=f"l-{number}", starts=-400, ends=ends)
        await tenancy.deliver(held)
    await add_tenant(tenancy, "123453.sms")
    endless = a_licence_of("123453.sms", licence_id="l-3", ends=3650)
    await tenancy.deliver(endless.model_copy(update={"ends_on": None}))
    await add_tenant(tenancy, "123454.sms")


async def test_by_days_left_the_first_to_end_come_first(tenancy: Client) -> None:
    await five(tenancy)

    assert await ids(tenancy, sort="days_left") == [
        "123452.sms",
        "123451.sms",
        "123450.sms",
        "123453.sms",
        "123454.sms",
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [("0", []), ("1", ["123451.sms"]), ("20", ["123451.sms", "123450.sms"])],
)
async def test_those_with_few_days_left_are_found(
    tenancy: Client, days: str, expected: list[str]
) -> None:
    await five(tenancy)

    assert await ids(tenancy, days_left=days) == expected


async def test_filters_narrow_each_other(tenancy: Client) -> None:
    await five(tenancy)
    await account(tenancy, "ada", "123450.sms", has_second_factor=True)

    both = await ids(tenancy, licence_state="expiring", two_factor="full")
    neither = await ids(tenancy, licence_state="grace", two_factor="full")

    assert (both, neither) == (["123450.sms"], [])


async def test_a_licence_that_passes_to_another_state_is_found_there(tenancy: Client) -> None:
    await five(tenancy)
    tenancy.now.advance(51 * DAY)

    async with tenancy.acting(build) as deps:
        await renew_lists(deps)

    shown = {one["id"]: one["licence_state"] for one in await listed(tenancy)}
    assert shown["123450.sms"] == shown["123451.sms"] == "expired"
    assert await ids(tenancy, licence_state="expired") == [
        "123450.sms",
        "123451.sms",
        "123452.sms",
    ]
    assert await ids(tenancy, licence_state="expiring") == []


async def test_coverage_follows_what_auth_tells_of_accounts(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    async def shown() -> tuple[str, int, int]:
        (one,) = await listed(tenancy)
        return one["two_factor"], one["users"], one["users_with_factor"]

    assert await shown() == ("no_users", 0, 0)
    await account(tenancy, "holder", "123456.sms", roles=[])
    await account(tenancy, "ada", "123456.sms", status="invited")
    assert await shown() == ("no_users", 0, 0)
    await account(tenancy, "ada", "123456.sms", sequence=2)
    assert await shown() == ("none", 1, 0)
    await account(tenancy, "bob", "123456.sms", has_second_factor=True)
    assert await shown() == ("partial", 2, 1)
    await account(tenancy, "ada", "123456.sms", sequence=3, has_second_factor=True)
    await account(tenancy, "ada", "123456.sms", sequence=2)  # late
    assert await shown() == ("full", 2, 2)
    await tenancy.deliver(AccountDeleted(account_id="bob", org="123456.sms"), sequence=9)
    assert await shown() == ("full", 1, 1)
    assert await ids(tenancy, two_factor="full") == ["123456.sms"]
    assert await ids(tenancy, two_factor="partial") == []


async def test_an_edit_keeps_the_counts(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await account(tenancy, "ada", "123456.sms")
    staff = a_pass("123456.sms", Permission.TENANT_EDIT, org="100001.rsp")

    path, body = "/v1/tenants/123456.sms", {"name": "Other"}
    await tenancy.patch(path, as_=staff, json=body, headers={"If-Match": '"1"'})

    (one,) = await listed(tenancy)
    assert (one["name"], one["users"]) == ("Other", 1)


@pytest.mark.parametrize("sort", ["id", "name", "created", "days_left"])
@pytest.mark.parametrize(
    "query", [{}, {"licence_state": "none"}, {"two_factor": "no_users"}], ids=str
)
async def test_an_index_gives_the_page_in_order(
    tenancy: Client, sort: str, query: dict[str, str]
) -> None:
    for number in range(30):
        await add_tenant(tenancy, f"1234{number:02}.sms", name=f"N {number:02}")
        tenancy.now.advance(timedelta(seconds=1))
    first = await tenancy.get(PATH, params={"sort": sort, "limit": "5", **query}, as_=RESELLER)
    cursor = first.body["next_cursor"]
    database = tenancy.mongo._database
    await database.command("profile", 2)

    await listed(tenancy, sort=sort, limit="5", cursor=cursor, **query)

    await database.command("profile", 0)
    seen = await database["system.profile"].find_one({"command.find": "tenants"})
    assert seen is not None
    assert seen["docsExamined"] <= 7
    assert not seen.get("hasSortStage", False)


async def test_customers_go_out_as_csv_without_formulas(tenancy: Client) -> None:
    for number in range(205):
        await add_tenant(tenancy, f"123{number:03}.sms", name=f"=N({number})")
    await add_tenant(tenancy, "200001.sms", of="100002.rsp", name="Foreign")

    answer = await tenancy.get(
        "/v1/resellers/100001.rsp/customers/export", as_=RESELLER, params={"search": "123"}
    )

    lines = answer.body.split("\r\n")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0].startswith('"id","name","reseller_number","status"')
    assert len(lines) == 1 + 205 + 1
    assert lines[1].startswith('"123000.sms","\'=N(0)","","active","de","none",""')
    assert "Foreign" not in answer.body


async def test_nobody_exports_the_customers_of_another(tenancy: Client) -> None:
    foreign = a_pass("100002.rsp", *Permission)
    path = "/v1/resellers/100001.rsp/customers/export"

    answers = [await tenancy.get(path, as_=caller) for caller in (foreign, None)]

    assert [one.status for one in answers] == [401, 401]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "2026-03-10T12:00:00", "noon"])
async def test_a_cursor_with_an_instant_that_is_none_is_refused(tenancy: Client, at: str) -> None:
    query = {"sort": "created", "cursor": write_cursor("created", at, "123450.sms")}

    answer = await tenancy.get(PATH, params=query, as_=RESELLER)

    assert (answer.status, answer.body["errors"][0]["code"]) == (422, "cursor")
