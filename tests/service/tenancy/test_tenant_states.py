"""A tenant's life: set up, suspended, resumed, on its way out, kept after all, deleted."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.tenancy.actions import offboarding
from services.tenancy.actions.offboarding import delete_due_tenants
from services.tenancy.app import build
from services.tenancy.deps import Deps
from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import (
    OffboardingBegun,
    TenantAccessChanged,
    TenantConfigured,
    TenantDeleted,
    TenantSuspended,
)
from shared.passes import GATEWAY
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.tenancy import DAY, a_licence_of, add_tenant

PATH = "/v1/tenants/123456.sms"
CUSTOMERS = "/v1/resellers/100001.rsp/customers"
JUST_NOW = int(NOON.timestamp())
STAFF = a_pass(
    "123456.sms",
    *GRANTS[Role.RESELLER_ADMIN][Relation.ASSIGNED],
    org="100001.rsp",
    factor_at=JUST_NOW,
)
VENDOR = a_pass("123456.sms", *Permission, org="vendor")
SELLER = a_pass("100001.rsp", *GRANTS[Role.RESELLER_ADMIN][Relation.OWN])
VERBS = ("suspend", "resume", "offboard", "cancel-offboarding")


async def move(tenancy: Client, verb: str, *, as_: Any = STAFF, tag: str | None = None) -> Answer:
    tag = tag or (await tenancy.get(PATH, as_=VENDOR)).headers["ETag"]
    body = {} if verb == "set-up" else {"reason": "As agreed"}
    return await tenancy.post(f"{PATH}/{verb}", as_=as_, json=body, headers={"If-Match": tag})


async def clean_up(tenancy: Client) -> None:
    """As the job does every few seconds."""
    async with tenancy.acting(build) as deps:
        await delete_due_tenants(deps)


async def is_there(tenancy: Client, org: str) -> bool:
    path, query = "/internal/places/123456.sms", {"org": org}
    return (await tenancy.get(path, params=query, as_=a_pass(GATEWAY))).status == 200


async def test_a_tenant_moves_from_state_to_state(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    body = {"reason": "As agreed"}

    async def post(path: str, version: int) -> Answer:
        return await tenancy.post(path, as_=STAFF, json=body, headers={"If-Match": f'"{version}"'})

    suspended = await post("/v1/tenants/123456.sms/suspend", 1)
    resumed = await post("/v1/tenants/123456.sms/resume", 2)
    leaving = await post("/v1/tenants/123456.sms/offboard", 3)
    staying = await post("/v1/tenants/123456.sms/cancel-offboarding", 4)

    answers = (suspended, resumed, leaving, staying)
    assert [one.body["status"] for one in answers] == [
        "suspended",
        "active",
        "offboarding",
        "active",
    ]
    assert leaving.body["delete_at"] == "2026-04-09T12:00:00Z"
    assert staying.body["delete_at"] is None
    assert staying.headers["ETag"] == '"5"'


async def test_a_customer_without_an_admin_is_only_known_until_it_is_set_up(
    tenancy: Client,
) -> None:
    new = {"name": "New", "locale": "en"}
    made = await tenancy.post(CUSTOMERS, as_=SELLER, json=new)
    tenant = made.body["id"]
    there = a_pass(tenant, *Permission, org="100001.rsp")
    body = {"admin": {"username": "ada", "email": "ada@new.example"}}

    answer = await tenancy.post(
        f"/v1/tenants/{tenant}/set-up", as_=there, json=body, headers={"If-Match": '"1"'}
    )
    again = await tenancy.post(
        f"/v1/tenants/{tenant}/set-up", as_=there, json=body, headers={"If-Match": '"2"'}
    )

    assert (made.status, made.body["status"]) == (201, "not_configured")
    assert (answer.status, answer.body["status"]) == (200, "active")
    assert (again.status, again.body["code"]) == (409, "tenant_state")
    (told,) = await tenancy.heard(TenantConfigured)
    assert told.first_admin is not None
    assert (told.first_admin.username, told.first_admin.locale) == ("ada", "en")


@pytest.mark.parametrize(
    ("verbs", "verb"),
    [
        ([], "resume"),
        ([], "cancel-offboarding"),
        ([], "set-up"),
        (["suspend"], "suspend"),
        (["offboard"], "suspend"),
        (["offboard"], "offboard"),
    ],
)
async def test_not_every_state_leads_to_every_other(
    tenancy: Client, verbs: list[str], verb: str
) -> None:
    await add_tenant(tenancy, "123456.sms")
    for one in verbs:
        assert (await move(tenancy, one)).status == 200

    answer = await move(tenancy, verb)

    assert (answer.status, answer.body["code"]) == (409, "tenant_state")


async def test_who_leaves_suspended_and_stays_is_suspended(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await move(tenancy, "suspend")
    await move(tenancy, "offboard")

    answer = await move(tenancy, "cancel-offboarding")

    assert answer.body["status"] == "suspended"


async def test_the_reseller_still_sees_and_enters_a_suspended_customer(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await tenancy.deliver(a_licence_of("123456.sms"))

    await move(tenancy, "suspend")

    listed = await tenancy.get(CUSTOMERS, as_=SELLER)
    assert [(one["id"], one["status"]) for one in listed.body["items"]] == [
        ("123456.sms", "suspended")
    ]
    assert await is_there(tenancy, "100001.rsp")
    (told,) = await tenancy.envelopes(TenantSuspended)
    assert (told.data["status"], told.data["reason"], told.sequence) == (
        "suspended",
        "As agreed",
        3,
    )


async def test_a_deleted_tenant_is_where_nothing_is_and_its_data_is_gone(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms", name="Acme")
    await tenancy.deliver(a_licence_of("123456.sms"))
    change = {"aliases": ["Akme"], "email_domains": ["acme.example"], "reseller_number": "4711"}
    await tenancy.patch(PATH, as_=STAFF, json=change, headers={"If-Match": '"2"'})
    await move(tenancy, "offboard")

    tenancy.now.advance(30 * DAY - timedelta(seconds=1))
    await clean_up(tenancy)
    before = await tenancy.get(PATH, as_=VENDOR)
    tenancy.now.advance(timedelta(seconds=1))
    await clean_up(tenancy)
    await clean_up(tenancy)
    after = await tenancy.get(PATH, as_=VENDOR)
    listed = await tenancy.get(CUSTOMERS, as_=SELLER)

    assert (before.status, after.status, listed.body["items"]) == (200, 404, [])
    assert [await is_there(tenancy, org) for org in ("vendor", "100001.rsp", "123456.sms")] == [
        False
    ] * 3
    row = await tenancy.mongo.collection("tenants").find_one({"_id": "123456.sms"})
    assert row is not None
    assert not {"Acme", "acme", "Akme", "acme.example", "4711"} & set(map(str, _values(row)))
    assert [one.name for one in await tenancy.heard(TenantDeleted)] == ["Acme"]
    assert (await tenancy.envelopes(TenantAccessChanged))[-1].subject == "123456.sms"
    known = a_pass("100001.rsp", Permission.ACTIVITY_READ, org="vendor")
    kept = await tenancy.get("/v1/resellers/100001.rsp/activity", as_=known)
    assert "tenant.deleted" in [one["what"] for one in kept.body["items"]]


async def test_two_replicas_delete_a_tenant_once(tenancy: Client) -> None:
    for number in range(4):
        await add_tenant(tenancy, f"12345{number}.sms")
        there = a_pass(f"12345{number}.sms", *Permission, org="100001.rsp", factor_at=JUST_NOW)
        await tenancy.post(
            f"/v1/tenants/12345{number}.sms/offboard",
            as_=there,
            json={"reason": "As agreed"},
            headers={"If-Match": '"1"'},
        )
    tenancy.now.advance(30 * DAY)

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(clean_up(tenancy))

    assert len(await tenancy.heard(TenantDeleted)) == 4


async def test_one_that_cant_be_deleted_keeps_no_other_one_waiting(
    tenancy: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        await add_tenant(tenancy, f"12345{number}.sms")
        there = a_pass(f"12345{number}.sms", *Permission, org="100001.rsp", factor_at=JUST_NOW)
        await tenancy.post(
            f"/v1/tenants/12345{number}.sms/offboard",
            as_=there,
            json={"reason": "As agreed"},
            headers={"If-Match": '"1"'},
        )
    whole = offboarding._delete

    async def delete(deps: Deps, tenant_id: str) -> None:
        if tenant_id == "123450.sms":
            raise LookupError(tenant_id)
        await whole(deps, tenant_id)

    monkeypatch.setattr(offboarding, "_delete", delete)
    tenancy.now.advance(30 * DAY)
    await clean_up(tenancy)
    first = [one.tenant_id for one in await tenancy.heard(TenantDeleted)]
    monkeypatch.undo()
    await clean_up(tenancy)

    assert first == ["123451.sms"]
    assert len(await tenancy.heard(TenantDeleted)) == 2


async def test_whose_time_is_not_over_costs_nothing(tenancy: Client) -> None:
    """An index holds those on their way out, by when they go, and no others."""
    await add_tenant(tenancy, "123456.sms")
    await move(tenancy, "offboard")
    await move(tenancy, "cancel-offboarding")

    async with tenancy.acting(build) as deps:
        due = await deps.tenants.due_for_deletion(NOON + 365 * DAY, set())

    assert due is None


@pytest.mark.parametrize("verb", VERBS)
async def test_nobody_of_the_tenant_nor_from_elsewhere_moves_it(tenancy: Client, verb: str) -> None:
    await add_tenant(tenancy, "123456.sms")
    body, headers = {"reason": "Because I can"}, {"If-Match": '"1"'}
    own = a_pass("123456.sms", *GRANTS[Role.ADMIN][Relation.OWN], factor_at=JUST_NOW)
    support = a_pass(
        "123456.sms", *GRANTS[Role.RESELLER_SUPPORT][Relation.ASSIGNED], org="100001.rsp"
    )
    foreign = a_pass("200001.sms", *Permission, org="100002.rsp", factor_at=JUST_NOW)

    answers = [
        await tenancy.post(f"{PATH}/{verb}", as_=caller, json=body, headers=headers)
        for caller in (own, support, foreign, None)
    ]

    assert [one.status for one in answers] == [403, 403, 401, 401]
    read = await tenancy.get(PATH, as_=VENDOR)
    assert (read.body["status"], read.headers["ETag"]) == ("active", '"1"')


async def test_offboarding_needs_a_factor_that_was_shown_just_now(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    answer = await move(tenancy, "offboard", as_=VENDOR)

    assert (answer.status, answer.body["code"]) == (401, "insufficient_user_authentication")
    assert await tenancy.heard(OffboardingBegun) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [pytest.param({}, 428, id="without"), pytest.param({"If-Match": '"7"'}, 412, id="another")],
)
async def test_what_one_has_not_read_one_does_not_move(
    tenancy: Client, headers: dict[str, str], status: int
) -> None:
    await add_tenant(tenancy, "123456.sms")

    body = {"reason": "As agreed"}
    answer = await tenancy.post(f"{PATH}/suspend", as_=STAFF, json=body, headers=headers)

    assert answer.status == status


async def test_a_licence_heard_of_after_the_deletion_brings_nothing_back(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await move(tenancy, "offboard")
    tenancy.now.advance(30 * DAY)
    await clean_up(tenancy)

    await tenancy.deliver(a_licence_of("123456.sms"))

    assert await tenancy.failed() == []
    assert not await is_there(tenancy, "100001.rsp")


def _values(row: dict[str, Any]) -> list[Any]:
    flat: list[Any] = []
    for value in row.values():
        flat += value if isinstance(value, list) else [value]
    return flat
