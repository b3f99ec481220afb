"""What a customer lets its reseller do, and that nobody but the customer decides it."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest

from services.tenancy.actions.access_requests import look_at_due
from services.tenancy.app import build
from shared.access import Permission
from shared.contracts.auth import AccountRecorded
from shared.contracts.tenancy import (
    AccessEndAnnounced,
    AccessEnded,
    AccessLapsed,
    DelegationChanged,
    SupportAccessBegun,
    TenantAccessChanged,
)
from shared.passes import GATEWAY, Pass
from tests.support.service import Answer, Client, a_pass
from tests.support.tenancy import DAY, a_licence_of, add_tenant

TENANT: Final = "123456.sms"
RESELLER: Final = "100001.rsp"
ADMIN: Final = a_pass(
    TENANT, Permission.DELEGATION_MANAGE, Permission.TENANT_READ, Permission.ACTIVITY_READ
)
STAFF: Final = a_pass(RESELLER, Permission.DELEGATION_MANAGE, Permission.TENANT_READ)
PATH: Final = f"/v1/tenants/{TENANT}/delegation"
ASKED: Final = f"/v1/resellers/{RESELLER}/access-requests"
DECIDED: Final = f"/v1/tenants/{TENANT}/access-requests"
WISH: Final = {
    "tenant_id": TENANT,
    "roles": ["reseller-support"],
    "duration": "P30D",
    "reason": "Migration",
}


@pytest.fixture
async def customer(tenancy: Client) -> Client:
    """Tenancy, with a customer of 100001.rsp that holds a licence, and one of 100002.rsp."""
    for number, reseller in enumerate((RESELLER, "100002.rsp")):
        tenant_id = f"{123456 + number}.sms"
        await add_tenant(tenancy, tenant_id, of=reseller)
        await tenancy.deliver(a_licence_of(tenant_id, licence_id=f"l-{number}"))
    return tenancy


async def ask(client: Client, org: str, **who: str) -> Answer:
    """The gateway's question about the tenant."""
    params = {"org": org, **who}
    return await client.get(f"/internal/places/{TENANT}", params=params, as_=a_pass(GATEWAY))


async def limit(client: Client, level: str, *, as_: Pass = ADMIN, etag: str = '"0"') -> Answer:
    headers = {"If-Match": etag}
    return await client.patch(PATH, as_=as_, json={"level": level}, headers=headers)


async def request(client: Client, **other: Any) -> Answer:
    return await client.post(ASKED, as_=STAFF, json={**WISH, **other})


async def look(client: Client) -> None:
    async with client.acting(build) as deps:
        await look_at_due(deps)


# --- levels ---------------------------------------------------------------------------------------


async def test_a_customer_limits_its_reseller_to_reading(customer: Client) -> None:
    answer = await limit(customer, "read_only")

    found = await ask(customer, RESELLER)
    assert (answer.status, answer.body, answer.headers["ETag"]) == (
        200,
        {"level": "read_only"},
        '"1"',
    )
    assert all(one.endswith(":read") for one in found.body["permissions"])
    assert (await customer.heard(DelegationChanged))[0].level == "read_only"
    assert TENANT in [one.tenant_id for one in await customer.heard(TenantAccessChanged)]


async def test_a_customer_closes_its_inside_and_opens_it_again(customer: Client) -> None:
    await limit(customer, "none")
    closed = await ask(customer, RESELLER)
    unknown = await customer.get(
        "/internal/places/999999.sms", params={"org": RESELLER}, as_=a_pass(GATEWAY)
    )
    listed = await customer.get(f"/v1/resellers/{RESELLER}/customers", as_=STAFF)

    await limit(customer, "full", etag='"1"')
    opened = await ask(customer, RESELLER)

    assert (
        (closed.status, closed.body["code"])
        == (unknown.status, unknown.body["code"])
        == (404, "not_found")
    )
    assert [one["id"] for one in listed.body["items"]] == [TENANT]
    assert (opened.status, opened.body["permissions"]) == (200, None)


@pytest.mark.parametrize("org", [RESELLER, "vendor", "100002.rsp"])
async def test_nobody_but_the_customer_decides_whatever_their_pass_says(
    customer: Client, org: str
) -> None:
    intruder = a_pass(TENANT, Permission.DELEGATION_MANAGE, org=org)
    await request(customer)
    listed = await customer.get(DECIDED, as_=ADMIN)
    access_id = listed.body["items"][0]["id"]

    changed = await limit(customer, "full", as_=intruder)
    approved = await customer.post(f"{DECIDED}/{access_id}/approve", as_=intruder)

    assert (changed.status, changed.body["code"]) == (403, "customers_decision")
    assert (approved.status, approved.body["code"]) == (403, "customers_decision")
    assert (await customer.get(PATH, as_=ADMIN)).body == {"level": "full"}


async def test_who_may_only_look_changes_nothing(customer: Client) -> None:
    auditor = a_pass(TENANT, Permission.TENANT_READ)

    assert (await limit(customer, "none", as_=auditor)).status == 403
    assert (await customer.get(PATH, as_=auditor)).body == {"level": "full"}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"level": "all"}, {"If-Match": '"0"'}, 422),
        ({"level": "none", "until": "P1D"}, {"If-Match": '"0"'}, 422),
        ({}, {"If-Match": '"0"'}, 422),
        ({"level": "none"}, {}, 428),
        ({"level": "none"}, {"If-Match": '"1"'}, 412),
    ],
)
async def test_what_makes_no_sense_or_was_meant_for_another_state_changes_nothing(
    customer: Client, body: dict[str, str], headers: dict[str, str], status: int
) -> None:
    answer = await customer.patch(PATH, as_=ADMIN, json=body, headers=headers)

    assert answer.status == status
    assert (await ask(customer, RESELLER)).body["permissions"] is None


async def test_of_two_who_decide_at_once_one_is_told_to_look_again(customer: Client) -> None:
    answers = await asyncio.gather(limit(customer, "none"), limit(customer, "read_only"))  # noqa: TID251 both at once

    assert sorted(answer.status for answer in answers) == [200, 412]


# --- access for a time ----------------------------------------------------------------------------


async def test_a_reseller_asks_and_the_customer_grants_named_roles_for_that_time(
    customer: Client,
) -> None:
    await limit(customer, "none")
    asked = await request(customer)
    before = await ask(customer, RESELLER)

    approved = await customer.post(f"{DECIDED}/{asked.body['id']}/approve", as_=ADMIN)
    during = await ask(customer, RESELLER)
    customer.now.advance(30 * DAY)
    after = await ask(customer, RESELLER)

    assert (asked.status, asked.body["state"], before.status) == (201, "requested", 404)
    assert (approved.status, approved.body["state"]) == (200, "active")
    assert approved.body["ends_at"] == during.body["valid_until"] == "2026-04-09T12:00:00Z"
    assert "user:read" in during.body["permissions"]
    assert "user:manage" not in during.body["permissions"]
    assert after.status == 404


async def test_both_sides_end_an_access_early(customer: Client) -> None:
    await limit(customer, "none")
    for path, who in ((DECIDED, ADMIN), (ASKED, STAFF)):
        asked = await request(customer)
        await customer.post(f"{DECIDED}/{asked.body['id']}/approve", as_=ADMIN)
        opened = await ask(customer, RESELLER)

        ended = await customer.post(f"{path}/{asked.body['id']}/end", as_=who)

        assert (opened.status, ended.body["state"]) == (200, "ended")
        assert (await ask(customer, RESELLER)).status == 404
    assert len(await customer.heard(AccessEnded)) == 2


async def test_a_request_is_denied_withdrawn_or_lapses_and_then_stays_so(customer: Client) -> None:
    denied, withdrawn, lapsed = [(await request(customer)).body["id"] for _ in range(3)]
    await customer.post(f"{DECIDED}/{denied}/deny", as_=ADMIN)
    await customer.post(f"{ASKED}/{withdrawn}/withdraw", as_=STAFF)
    customer.now.advance(90 * DAY)
    late = await customer.post(f"{DECIDED}/{lapsed}/approve", as_=ADMIN)
    await look(customer)

    for access_id in (denied, withdrawn, lapsed):
        again = await customer.post(f"{DECIDED}/{access_id}/approve", as_=ADMIN)
        assert (again.status, again.body["code"]) == (409, "access_state")

    listed = (await customer.get(ASKED, as_=STAFF)).body["items"]
    assert late.status == 409
    assert {one["id"]: one["state"] for one in listed} == {
        denied: "denied",
        withdrawn: "withdrawn",
        lapsed: "lapsed",
    }
    assert len(await customer.heard(AccessLapsed)) == 1


async def test_both_sides_are_warned_and_replicas_do_not_double_it(customer: Client) -> None:
    asked = await request(customer, duration="P60D")
    await customer.post(f"{DECIDED}/{asked.body['id']}/approve", as_=ADMIN)

    for day in range(61):
        customer.now.advance(DAY if day else timedelta(0))
        async with asyncio.TaskGroup() as group:
            group.create_task(look(customer))
            group.create_task(look(customer))

    told = [one.days_left for one in await customer.heard(AccessEndAnnounced)]
    assert told == [30, 7, 1]
    assert len(await customer.heard(AccessEnded)) == 1


async def test_a_foreign_customer_is_as_absent_as_one_that_is_none(customer: Client) -> None:
    foreign = await request(customer, tenant_id="123457.sms")
    unknown = await request(customer, tenant_id="999999.sms")

    assert foreign.status == unknown.status == 404
    assert {**foreign.body, "instance": ""} == {**unknown.body, "instance": ""}


async def test_nobody_reaches_an_access_of_others(customer: Client) -> None:
    access_id = (await request(customer)).body["id"]
    other_tenant = a_pass("123457.sms", Permission.DELEGATION_MANAGE)
    other_reseller = a_pass("100002.rsp", Permission.DELEGATION_MANAGE)

    by_tenant = await customer.post(
        f"/v1/tenants/123457.sms/access-requests/{access_id}/approve", as_=other_tenant
    )
    by_reseller = await customer.post(
        f"/v1/resellers/100002.rsp/access-requests/{access_id}/withdraw", as_=other_reseller
    )

    assert (by_tenant.status, by_reseller.status) == (404, 404)
    assert (await customer.get(DECIDED, as_=ADMIN)).body["items"][0]["state"] == "requested"


@pytest.mark.parametrize(
    "other",
    [
        {"duration": "P3Y"},
        {"duration": "P0D"},
        {"duration": "PT1H"},
        {"roles": []},
        {"roles": ["admin"]},
        {"roles": ["vendor-admin"]},
        {"reason": " "},
        {"reason": "two\nlines"},
        {"tenant_id": {"$ne": ""}},
        {"level": "full"},
    ],
    ids=str,
)
async def test_a_wish_that_makes_no_sense_is_refused(customer: Client, other: Any) -> None:
    assert (await request(customer, **other)).status == 422
    assert (await customer.get(ASKED, as_=STAFF)).body["items"] == []


@pytest.mark.parametrize("tenant_id", ["200001.sms", "999999.sms", "100001.rsp", "no id/at all"])
async def test_only_for_an_own_customer_access_is_asked_and_all_others_are_absent(
    customer: Client, tenant_id: str
) -> None:
    answer = await request(customer, tenant_id=tenant_id)

    assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert (await customer.get(ASKED, as_=STAFF)).body["items"] == []


async def test_a_customer_is_not_flooded_with_requests(customer: Client) -> None:
    statuses = [(await request(customer)).status for _ in range(11)]

    assert statuses == [201] * 10 + [409]


# --- who was there --------------------------------------------------------------------------------


async def test_the_customer_sees_who_entered_and_what_they_did_there(customer: Client) -> None:
    who = {"account": "rita", "session": "s-1"}
    for _ in range(3):
        await ask(customer, RESELLER, **who)
    customer.now.advance(timedelta(hours=1))
    await ask(customer, RESELLER, **who)
    await ask(customer, TENANT, account="anna", session="s-2")
    editor = a_pass(TENANT, Permission.TENANT_EDIT, org=RESELLER, subject="rita")
    headers = {"If-Match": '"2"'}
    await customer.patch(f"/v1/tenants/{TENANT}", as_=editor, json={"name": "New"}, headers=headers)

    seen = await customer.get(f"/v1/tenants/{TENANT}/access", as_=ADMIN)

    rows = [(row["what"], row["actor"], row["actor_org"]) for row in seen.body["items"]]
    entered = ("tenant.entered", "rita", RESELLER)
    assert rows == [("tenant.edited", "rita", RESELLER), entered, entered]


async def test_who_was_refused_has_not_entered(customer: Client) -> None:
    await ask(customer, "100002.rsp", account="rolf", session="s-9")
    sam = AccountRecorded(
        account_id="sam",
        org="vendor",
        username="sam",
        email="sam@vendor.example",
        locale="de",
        display_name="Sam",
        roles=["support"],
        status="active",
        has_second_factor=True,
    )
    await customer.deliver(sam)
    await ask(customer, "vendor", account="sam", session="s-3")

    seen = await customer.get(f"/v1/tenants/{TENANT}/access", as_=ADMIN)

    assert seen.body["items"] == []


# --- the vendor's support -------------------------------------------------------------------------

SUPPORT: Final = a_pass(TENANT, Permission.TENANT_ENTER, org="vendor", subject="sam")
ENTER: Final = f"/v1/tenants/{TENANT}/support-access"


async def test_support_enters_for_a_reason_and_a_while_and_the_customer_sees_it(
    customer: Client,
) -> None:
    before = await ask(customer, "vendor", account="sam")
    entered = await customer.post(
        ENTER, as_=SUPPORT, json={"reason": "Ticket 7", "duration": "PT4H"}
    )
    inside = await ask(customer, "vendor", account="sam")
    somebody_else = await ask(customer, "vendor", account="sue")
    customer.now.advance(timedelta(hours=4))
    after = await ask(customer, "vendor", account="sam")

    assert entered.status == 201, entered.body
    assert before.body["outside"] == somebody_else.body["outside"] == ["support"]
    assert after.body["outside"] == ["support"]
    assert (inside.body["outside"], inside.body["valid_until"]) == ([], "2026-03-10T16:00:00Z")
    listed = await customer.get(ENTER, as_=ADMIN)
    assert [(one["account"], one["reason"]) for one in listed.body["items"]] == [
        ("sam", "Ticket 7")
    ]
    seen = await customer.get(f"/v1/tenants/{TENANT}/access", as_=ADMIN)
    assert [(one["what"], one["reason"]) for one in seen.body["items"]] == [
        ("support_access.begun", "Ticket 7")
    ]
    assert len(await customer.heard(SupportAccessBegun)) == 1


async def test_the_customer_shows_support_out(customer: Client) -> None:
    entered = await customer.post(ENTER, as_=SUPPORT, json={"reason": "Why", "duration": "P5D"})
    access_id = entered.body["id"]
    stranger = a_pass("123457.sms", Permission.DELEGATION_MANAGE)

    foreign = await customer.delete(
        f"/v1/tenants/123457.sms/support-access/{access_id}", as_=stranger
    )
    still = await ask(customer, "vendor", account="sam")
    ended = await customer.delete(f"{ENTER}/{access_id}", as_=ADMIN)
    again = await customer.delete(f"{ENTER}/{access_id}", as_=ADMIN)

    assert (foreign.status, still.body["outside"]) == (404, [])
    assert (ended.status, again.status) == (204, 204)
    assert (await ask(customer, "vendor", account="sam")).body["outside"] == ["support"]


@pytest.mark.parametrize(
    "body",
    [
        {"duration": "PT1H"},
        {"reason": "Why"},
        {"reason": " ", "duration": "PT1H"},
        {"reason": "Why", "duration": "P5DT1S"},
        {"reason": "Why", "duration": "PT1M"},
        {"reason": "Why", "duration": 3600},
        {"reason": "Why", "duration": "3600"},
        {"reason": "Why", "duration": "-PT1H"},
        {"reason": "Why", "duration": "PT1H", "account": "sue"},
    ],
    ids=str,
)
async def test_support_does_not_enter_without_a_reason_or_for_longer_than_five_days(
    customer: Client, body: dict[str, Any]
) -> None:
    assert (await customer.post(ENTER, as_=SUPPORT, json=body)).status == 422
    assert (await ask(customer, "vendor", account="sam")).body["outside"] == ["support"]


async def test_only_the_vendor_enters_as_support(customer: Client) -> None:
    body = {"reason": "Why", "duration": "PT1H"}
    as_reseller = a_pass(TENANT, Permission.TENANT_ENTER, org=RESELLER)
    without = a_pass(TENANT, Permission.TENANT_READ, org="vendor")

    assert (await customer.post(ENTER, as_=as_reseller, json=body)).status == 403
    assert (await customer.post(ENTER, as_=without, json=body)).status == 403
    assert (await customer.get(ENTER, as_=ADMIN)).body["items"] == []
