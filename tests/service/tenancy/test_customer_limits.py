"""Staff of a reseller that is limited to some of its customers; the others don't exist for it."""

from typing import Any, Final

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AccountDeleted
from shared.contracts.tenancy import StaffLimited, TenantCreated
from shared.passes import GATEWAY
from tests.support.service import Answer, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant, an_account

RESELLER: Final = "100001.rsp"
MINE, OTHER, FOREIGN = "123456.sms", "123457.sms", "200001.sms"
PATH: Final = f"/v1/resellers/{RESELLER}/users/sally/customers"
LIST: Final = f"/v1/resellers/{RESELLER}/customers"
ASKED: Final = f"/v1/resellers/{RESELLER}/access-requests"
ADMIN: Final = a_pass(RESELLER, *GRANTS[Role.RESELLER_ADMIN][Relation.OWN])
SALLY: Final = a_pass(RESELLER, *Permission, subject="sally")


@pytest.fixture
async def staff(tenancy: Client) -> Client:
    """Two customers of 100001.rsp, one of 100002.rsp, and staff: Sally sells, Rita manages."""
    for number, (tenant, of) in enumerate(
        ((MINE, RESELLER), (OTHER, RESELLER), (FOREIGN, "100002.rsp"))
    ):
        await add_tenant(tenancy, tenant, of=of)
        await tenancy.deliver(a_licence_of(tenant, licence_id=f"l-{number}"))
    await tenancy.deliver(an_account("sally", RESELLER, "reseller-sales"))
    await tenancy.deliver(an_account("rita", RESELLER, "reseller-admin"))
    await tenancy.deliver(an_account("rolf", "100002.rsp", "reseller-sales"))
    return tenancy


async def limit(
    client: Client, customers: Any, *, path: str = PATH, etag: str | None = '"0"', as_: Any = ADMIN
) -> Answer:
    headers = {} if etag is None else {"If-Match": etag}
    return await client.send("PUT", path, as_=as_, json={"customers": customers}, headers=headers)


async def place(client: Client, tenant: str, account: str = "sally") -> Answer:
    """The gateway's question."""
    params = {"org": RESELLER, "account": account}
    return await client.get(f"/internal/places/{tenant}", params=params, as_=a_pass(GATEWAY))


async def ids(client: Client, **query: str) -> list[str]:
    answer = await client.get(LIST, as_=SALLY, params=query)
    return [one["id"] for one in answer.body["items"]]


# --- giving a limit -------------------------------------------------------------------------------


async def test_without_a_limit_there_are_all_customers(staff: Client) -> None:
    answer = await staff.get(PATH, as_=ADMIN)

    assert (answer.status, answer.body, answer.headers["ETag"]) == (200, {"customers": None}, '"0"')
    assert await ids(staff) == [MINE, OTHER]


async def test_a_limit_is_kept_and_told_to_gateways_and_licensing(staff: Client) -> None:
    answer = await limit(staff, [f" {MINE.upper()} "])

    read = await staff.get(PATH, as_=ADMIN)
    assert (answer.status, answer.body, answer.headers["ETag"]) == (
        200,
        {"customers": [MINE]},
        '"1"',
    )
    assert read.body == answer.body
    (told,) = await staff.heard(StaffLimited)
    assert told == StaffLimited(account_id="sally", reseller_id=RESELLER, customers=[MINE])


async def test_a_limit_is_taken_away_again(staff: Client) -> None:
    await limit(staff, [])
    nothing = await ids(staff)

    answer = await limit(staff, None, etag='"1"')

    assert nothing == []
    assert answer.body == {"customers": None}
    assert await ids(staff) == [MINE, OTHER]


@pytest.mark.parametrize(
    ("etag", "status"), [(None, 428), ("*", 428), ('"7"', 412), ('W/"0"', 412)]
)
async def test_a_limit_is_set_only_by_who_has_read_it(
    staff: Client, etag: str | None, status: int
) -> None:
    answer = await limit(staff, [MINE], etag=etag)

    assert answer.status == status
    assert (await staff.get(PATH, as_=ADMIN)).body == {"customers": None}


@pytest.mark.parametrize(
    ("customers", "code"),
    [
        ([FOREIGN], "not_a_customer"),
        (["999999.sms"], "not_a_customer"),
        ([MINE, FOREIGN], "not_a_customer"),
        (["100001.rsp"], "not_a_customer"),
        (["no id/at all"], "not_a_customer"),
        ("all", "invalid"),
        ([f"{number}.sms" for number in range(100000, 100201)], "invalid"),
    ],
)
async def test_what_is_no_list_of_customers_changes_nothing(
    staff: Client, customers: Any, code: str
) -> None:
    answer = await limit(staff, customers)

    assert (answer.status, answer.body["code"]) == (422, code)
    assert (await staff.get(PATH, as_=ADMIN)).body == {"customers": None}
    assert await staff.heard(StaffLimited) == []


@pytest.mark.parametrize("account", ["rolf", "nobody"])
async def test_another_resellers_staff_is_as_absent_as_nobody(staff: Client, account: str) -> None:
    path = f"/v1/resellers/{RESELLER}/users/{account}/customers"

    read, put = await staff.get(path, as_=ADMIN), await limit(staff, [MINE], path=path)

    assert (read.status, put.status) == (404, 404)


@pytest.mark.parametrize(
    ("as_", "status"),
    [
        (a_pass(RESELLER, *GRANTS[Role.RESELLER_SALES][Relation.OWN]), 403),
        (a_pass(RESELLER, *GRANTS[Role.RESELLER_SUPPORT][Relation.OWN]), 403),
        (a_pass("100002.rsp", *Permission), 401),
    ],
)
async def test_nobody_but_who_manages_the_staff_gives_limits(
    staff: Client, as_: Any, status: int
) -> None:
    read, put = await staff.get(PATH, as_=as_), await limit(staff, None, as_=as_)

    assert (read.status, put.status) == (status, status)


# --- administrators -------------------------------------------------------------------------------


async def test_an_administrator_sees_all_customers(staff: Client) -> None:
    path = f"/v1/resellers/{RESELLER}/users/rita/customers"

    answer = await limit(staff, [MINE], path=path)

    assert (answer.status, answer.body["code"]) == (409, "administrator_sees_all")


async def test_a_limit_is_lifted_while_one_is_administrator_and_holds_again(staff: Client) -> None:
    await limit(staff, [MINE])

    await staff.deliver(an_account("sally", RESELLER, "reseller-admin"), sequence=2, times=2)
    as_admin = (await place(staff, OTHER)).status, await ids(staff)
    await staff.deliver(an_account("sally", RESELLER, "reseller-sales"), sequence=3)
    again = (await place(staff, OTHER)).status, await ids(staff)

    assert as_admin == (200, [MINE, OTHER])
    assert again == (404, [MINE])
    told = [event.customers for event in await staff.heard(StaffLimited)]
    assert told == [[MINE], None, [MINE]]


async def test_a_deleted_accounts_limit_stays(staff: Client) -> None:
    await limit(staff, [MINE])

    await staff.deliver(AccountDeleted(account_id="sally", org=RESELLER), sequence=2)

    assert (await place(staff, OTHER)).status == 404


# --- what is outside the limit --------------------------------------------------------------------


async def test_the_inside_of_other_customers_is_as_absent_as_a_foreign_one(staff: Client) -> None:
    await limit(staff, [MINE])

    answers = [await place(staff, tenant) for tenant in (OTHER, FOREIGN, "999999.sms")]

    assert (await place(staff, MINE)).status == 200
    assert {(answer.status, answer.body["code"]) for answer in answers} == {(404, "not_found")}
    assert (await place(staff, OTHER, "rita")).status == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"search": "Acme"},
        {"search": OTHER},
        {"sort": "name"},
        {"sort": "created"},
        {"sort": "days_left"},
        {"days_left": "3650"},
        {"licence_state": "active"},
        {"two_factor": "no_users", "sort": "name"},
    ],
)
async def test_lists_have_no_others_however_they_are_asked(
    staff: Client, query: dict[str, str]
) -> None:
    await limit(staff, [MINE])

    found = await ids(staff, **query)

    assert found == ([] if query.get("search") == OTHER else [MINE])


async def test_no_cursor_leads_past_the_limit(staff: Client) -> None:
    first = await staff.get(LIST, as_=ADMIN, params={"limit": "1"})
    await limit(staff, [MINE])

    assert await ids(staff, cursor=first.body["next_cursor"]) == []


async def test_the_export_has_no_others(staff: Client) -> None:
    await limit(staff, [MINE])

    answer = await staff.get(f"{LIST}/export", as_=SALLY)

    assert MINE in answer.body
    assert OTHER not in answer.body


async def test_who_is_limited_takes_on_no_new_customers(staff: Client) -> None:
    await limit(staff, [MINE])

    answer = await staff.post(LIST, as_=SALLY, json={"name": "New"})

    assert (answer.status, answer.body["code"]) == (403, "no_new_customers")
    assert len(await staff.heard(TenantCreated)) == 3


async def test_access_is_neither_asked_for_nor_seen_nor_ended_there(staff: Client) -> None:
    wish = {"roles": ["reseller-support"], "duration": "P1D", "reason": "Help"}
    before = await staff.post(ASKED, as_=ADMIN, json={**wish, "tenant_id": OTHER})
    await limit(staff, [MINE])

    asked = [
        await staff.post(ASKED, as_=SALLY, json={**wish, "tenant_id": tenant})
        for tenant in (OTHER, FOREIGN)
    ]
    seen = await staff.get(ASKED, as_=SALLY)
    withdrawn = [
        await staff.post(f"{ASKED}/{one}/withdraw", as_=SALLY)
        for one in (before.body["id"], "nothing")
    ]

    assert {answer.status for answer in (*asked, *withdrawn)} == {404}
    assert seen.body["items"] == []
    assert len((await staff.get(ASKED, as_=ADMIN)).body["items"]) == 1


async def test_the_vendor_is_told_why(staff: Client) -> None:
    await limit(staff, [MINE])
    vendor = a_pass("vendor", Permission.USER_READ)

    params = {"place": OTHER, "account": "sally"}
    answer = await staff.get("/v1/access/explain", as_=vendor, params=params)

    assert answer.body["relation"] is None
    assert answer.body["permissions"] == []
    against = [fact["about"] for fact in answer.body["facts"] if not fact["is_in_favour"]]
    assert against == ["customers", "decision"]


async def test_a_customer_that_went_to_another_reseller_is_no_more_in_the_limit(
    staff: Client,
) -> None:
    await limit(staff, [MINE, OTHER])
    mover = a_pass(
        OTHER, Permission.TENANT_TRANSFER, org="vendor", factor_at=int(staff.now().timestamp())
    )

    body = {"reseller_id": "100002.rsp", "reason": "As agreed"}
    moved = await staff.post(f"/v1/tenants/{OTHER}/transfer", as_=mover, json=body)

    assert moved.status == 200, moved.body
    assert (await staff.get(PATH, as_=ADMIN)).body == {"customers": [MINE]}
    assert await ids(staff) == [MINE]
