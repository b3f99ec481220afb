"""Resellers: created, edited and moved from state to state by the vendor, and by nobody else."""

import asyncio
from typing import Any

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import (
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerSuspended,
)
from tests.support.service import NOON, Answer, Client, a_pass

JUST_NOW = int(NOON.timestamp())
PATH = "/v1/resellers"
ONE = f"{PATH}/100001.rsp"
VENDOR = a_pass("vendor", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR], factor_at=JUST_NOW)
VENDOR_THERE = a_pass("100001.rsp", *Permission, org="vendor", factor_at=JUST_NOW)
STAFF = a_pass("100001.rsp", *GRANTS[Role.RESELLER_ADMIN][Relation.OWN], factor_at=JUST_NOW)
VERBS = ("authorise", "suspend", "resume", "terminate")
PRIMARY = {"username": "rita", "email": "rita@nordlicht.example"}


def a_reseller(**more: Any) -> dict[str, Any]:
    return {"name": "Nordlicht", "locale": "en", "primary_user": PRIMARY, **more}


async def create(tenancy: Client, body: dict[str, Any], key: str | None = None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    return await tenancy.post(PATH, as_=VENDOR, json=body, headers=headers)


async def move(tenancy: Client, verb: str, reason: str = "As agreed") -> Answer:
    return await tenancy.post(f"{ONE}/{verb}", as_=VENDOR_THERE, json={"reason": reason})


async def test_a_new_reseller_is_a_prospect_whose_primary_user_is_to_be_invited(
    tenancy: Client,
) -> None:
    answer = await create(tenancy, a_reseller())

    assert (answer.status, answer.body["status"]) == (201, "prospect")
    assert answer.headers["Location"] == f"{PATH}/{answer.body['id']}"
    told = (await tenancy.heard(ResellerCreated))[-1]
    assert (told.reseller_id, told.status) == (answer.body["id"], "prospect")
    assert told.primary_user is not None
    assert told.primary_user.model_dump() == {
        "username": "rita",
        "email": "rita@nordlicht.example",
        "display_name": "rita",
        "locale": "en",
    }


async def test_the_same_request_under_the_same_key_is_the_same_reseller(tenancy: Client) -> None:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(create(tenancy, a_reseller(), "k-1")) for _ in range(4)]
    again = await create(tenancy, a_reseller(), "k-1")
    other = await create(tenancy, a_reseller(name="Other"), "k-1")

    answers = [one.result() for one in tries]
    assert {one.body.get("id", one.body.get("code")) for one in answers} <= {
        again.body["id"],
        "request_running",
    }
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert len(await tenancy.heard(ResellerCreated)) == 3  # the two of the fixture and this one


async def test_the_vendor_lists_all_resellers_page_by_page(tenancy: Client) -> None:
    made = (await create(tenancy, a_reseller())).body["id"]

    first = await tenancy.get(PATH, as_=VENDOR, params={"limit": "2"})
    cursor = first.body["next_cursor"]
    second = await tenancy.get(PATH, as_=VENDOR, params={"limit": "2", "cursor": cursor})
    prospects = await tenancy.get(PATH, as_=VENDOR, params={"status": "prospect"})

    listed = [one["id"] for one in first.body["items"] + second.body["items"]]
    assert listed == sorted(["100001.rsp", "100002.rsp", made])
    assert second.body["next_cursor"] is None
    assert [one["id"] for one in prospects.body["items"]] == [made]


async def test_staff_reads_its_own_reseller_and_lists_none(tenancy: Client) -> None:
    own = await tenancy.get(ONE, as_=STAFF)
    foreign = await tenancy.get(f"{PATH}/100002.rsp", as_=STAFF)
    everybody = await tenancy.get(PATH, as_=STAFF)

    assert (own.status, own.body["id"]) == (200, "100001.rsp")
    assert (foreign.status, everybody.status) == (401, 403)
    assert "100002.rsp" not in str(everybody.body)


async def test_an_edit_is_told_to_all_who_know_the_name(tenancy: Client) -> None:
    tag = (await tenancy.get(ONE, as_=VENDOR_THERE)).headers["ETag"]

    edited = await tenancy.patch(
        ONE, as_=VENDOR_THERE, json={"name": "Südlicht"}, headers={"If-Match": tag}
    )
    late = await tenancy.patch(
        ONE, as_=VENDOR_THERE, json={"name": "Nordlicht"}, headers={"If-Match": tag}
    )

    assert (edited.status, edited.body["name"], edited.headers["ETag"]) == (200, "Südlicht", '"2"')
    assert late.status == 412
    (told,) = await tenancy.envelopes(ResellerChanged)
    assert (told.data["name"], told.data["locale"], told.sequence) == ("Südlicht", "de", 2)


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        (["suspend"], "suspended"),
        (["suspend", "resume"], "authorised"),
        (["terminate"], "terminated"),
        (["suspend", "terminate"], "terminated"),
    ],
)
async def test_a_reseller_moves_from_state_to_state(
    tenancy: Client, verbs: list[str], status: str
) -> None:
    answers = [await move(tenancy, verb) for verb in verbs]

    assert [one.status for one in answers] == [200] * len(verbs)
    assert answers[-1].body["status"] == status
    assert answers[-1].headers["ETag"] == f'"{len(verbs) + 1}"'


async def test_suspended_and_resumed_it_is_as_before_until_it_is_terminated(
    tenancy: Client,
) -> None:
    body = {"reason": "As agreed"}

    suspended = await tenancy.post("/v1/resellers/100001.rsp/suspend", as_=VENDOR_THERE, json=body)
    resumed = await tenancy.post("/v1/resellers/100001.rsp/resume", as_=VENDOR_THERE, json=body)
    authorised = await tenancy.post(
        "/v1/resellers/100001.rsp/authorise", as_=VENDOR_THERE, json=body
    )
    terminated = await tenancy.post(
        "/v1/resellers/100001.rsp/terminate", as_=VENDOR_THERE, json=body
    )

    answers = (suspended, resumed, authorised, terminated)
    assert [one.status for one in answers] == [200, 200, 409, 200]


async def test_a_prospect_becomes_authorised_once(tenancy: Client) -> None:
    made = (await create(tenancy, a_reseller())).body["id"]
    there = a_pass(made, *Permission, org="vendor", factor_at=JUST_NOW)
    path, body = f"{PATH}/{made}/authorise", {"reason": "Contract signed"}

    first = await tenancy.post(path, as_=there, json=body)
    again = await tenancy.post(path, as_=there, json=body)

    assert (first.status, first.body["status"]) == (200, "authorised")
    assert (again.status, again.body["code"]) == (409, "reseller_state")
    (told,) = await tenancy.heard(ResellerAuthorised)
    assert (told.reseller_id, told.status, told.reason) == (made, "authorised", "Contract signed")


@pytest.mark.parametrize("verb", VERBS)
async def test_nothing_leads_out_of_termination(tenancy: Client, verb: str) -> None:
    await move(tenancy, "terminate")

    answer = await move(tenancy, verb)
    edited = await tenancy.patch(
        ONE, as_=VENDOR_THERE, json={"name": "Again"}, headers={"If-Match": '"2"'}
    )

    assert (answer.status, answer.body["code"]) == (409, "reseller_state")
    assert (edited.status, edited.body["code"]) == (409, "reseller_state")


async def test_of_two_who_suspend_at_once_one_does(tenancy: Client) -> None:
    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(move(tenancy, "suspend")) for _ in range(4)]

    assert sorted(one.result().status for one in tries) == [200, 409, 409, 409]
    assert len(await tenancy.heard(ResellerSuspended)) == 1


async def test_why_a_reseller_was_suspended_is_in_its_activity(tenancy: Client) -> None:
    await move(tenancy, "suspend", "Bills unpaid")

    answer = await tenancy.get(f"{ONE}/activity", as_=VENDOR_THERE)

    (row,) = [one for one in answer.body["items"] if one["what"] != "reseller.created"]
    assert (row["what"], row["subject"]) == ("reseller.suspended", "100001.rsp")
    assert (row["reason"], row["actor"], row["actor_org"]) == (
        "Bills unpaid",
        "account-1",
        "vendor",
    )


@pytest.mark.parametrize("verb", VERBS)
async def test_nobody_but_the_vendors_admin_moves_a_reseller(tenancy: Client, verb: str) -> None:
    body, path = {"reason": "Because I can"}, f"{ONE}/{verb}"
    sales = a_pass("100001.rsp", *GRANTS[Role.SALES][Relation.VENDOR], org="vendor")
    elsewhere = a_pass("100002.rsp", *Permission, factor_at=JUST_NOW)
    stale = a_pass("100001.rsp", *Permission, org="vendor", factor_at=JUST_NOW - 3600)

    answers = [
        await tenancy.post(path, as_=caller, json=body)
        for caller in (STAFF, sales, elsewhere, stale, None)
    ]

    assert [one.status for one in answers] == [403, 403, 401, 401, 401]
    assert answers[3].body["code"] == "insufficient_user_authentication"
    assert (await tenancy.get(ONE, as_=STAFF)).body["status"] == "authorised"


async def test_nobody_but_the_vendors_admin_creates_or_edits_resellers(tenancy: Client) -> None:
    sales = a_pass("vendor", *GRANTS[Role.SALES][Relation.VENDOR])
    headers = {"If-Match": '"1"'}

    created = [await tenancy.post(PATH, as_=caller, json=a_reseller()) for caller in (STAFF, sales)]
    edited = await tenancy.patch(ONE, as_=STAFF, json={"name": "Mine"}, headers=headers)

    assert [one.status for one in created] == [403, 403]
    assert edited.status == 403
    assert len(await tenancy.heard(ResellerCreated)) == 2


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param(a_reseller(name=" "), id="no name"),
        pytest.param(a_reseller(locale="fr"), id="unknown language"),
        pytest.param(a_reseller(status="authorised"), id="status"),
        pytest.param(a_reseller(id="100003.rsp"), id="an id"),
        pytest.param({"name": "N", "locale": "de"}, id="nobody to invite"),
        pytest.param(a_reseller(primary_user={**PRIMARY, "email": "rita"}), id="no address"),
        pytest.param(a_reseller(primary_user={**PRIMARY, "roles": ["vendor-admin"]}), id="roles"),
        pytest.param(a_reseller(name={"$ne": ""}), id="operator"),
    ],
)
async def test_bad_values_create_nothing(tenancy: Client, body: dict[str, Any]) -> None:
    answer = await create(tenancy, body)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert len((await tenancy.get(PATH, as_=VENDOR)).body["items"]) == 2


@pytest.mark.parametrize("body", [{}, {"reason": " "}, {"reason": "a\nb"}, {"reason": "x" * 501}])
async def test_nothing_is_done_without_a_reason(tenancy: Client, body: dict[str, Any]) -> None:
    answer = await tenancy.post(f"{ONE}/suspend", as_=VENDOR_THERE, json=body)

    assert answer.status == 422
    assert (await tenancy.get(ONE, as_=STAFF)).body["status"] == "authorised"
