"""What is done to licences, at their tenant and at their reseller's own path."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.licensing import LicenceChanged
from shared.contracts.tenancy import TenantCreated
from shared.paging import write_cursor
from tests.service.licensing.test_licences import grant
from tests.support.service import NOON, Answer, Client, a_pass

TENANT, RESELLER = "/v1/tenants/123456.sms", "/v1/resellers/100001.rsp"
FRESH = int(NOON.timestamp())
MANAGER = {
    TENANT: a_pass("123456.sms", *Permission, org="100001.rsp", factor_at=FRESH),
    RESELLER: a_pass("100001.rsp", *Permission, factor_at=FRESH),
}
VERBS = {
    "renew": {"term_months": 12},
    "resize": {"seats": 9},
    "suspend": {"reason": "Not paid"},
    "revoke": {},
    "cancel": {},
}
each_base = pytest.mark.parametrize("base", [TENANT, RESELLER])


async def do(
    licensing: Client,
    verb: str,
    body: dict[str, Any] | None = None,
    *,
    base: str = TENANT,
    **sent: str,
) -> Answer:
    headers = {name.replace("_", "-"): value for name, value in sent.items()}
    path = paths(base)[verb]
    return await licensing.post(path, as_=MANAGER[base], json=body or {}, headers=headers)


def paths(base: str) -> dict[str, str]:
    return {
        "cancel": f"{base}/licences/l-1/cancel",
        "entitle": f"{base}/licences/l-1/entitle",
        "convert": f"{base}/licences/l-1/convert",
        "extend": f"{base}/licences/l-1/extend",
        "renew": f"{base}/licences/l-1/renew",
        "resize": f"{base}/licences/l-1/resize",
        "resume": f"{base}/licences/l-1/resume",
        "revoke": f"{base}/licences/l-1/revoke",
        "suspend": f"{base}/licences/l-1/suspend",
        "transfer": f"{base}/licences/l-1/transfer",
    }


async def stored(licensing: Client) -> dict[str, Any]:
    row = await licensing.mongo.collection("licences").find_one({"_id": "l-1"})
    assert row is not None
    return row


@each_base
@pytest.mark.parametrize(
    ("verb", "body", "shown"),
    [
        ("renew", {"term_months": 12}, {"state": "active", "ends_on": "2028-03-09"}),
        ("renew", {"term_months": 24, "from": "now"}, {"ends_on": "2028-03-09"}),
        ("resize", {"seats": 9}, {"seats": 9}),
        ("resize", {"seats": 9.0}, {"seats": 9}),
        ("renew", {"term_months": 12.0}, {"ends_on": "2028-03-09"}),
        ("suspend", {}, {"state": "suspended", "valid": False}),
        ("revoke", {"reason": "Fraud"}, {"state": "revoked", "valid": False}),
        ("cancel", {}, {"state": "cancelled", "valid": False, "ends_on": "2026-03-10"}),
        ("cancel", {"ends_on": "2026-03-31"}, {"state": "expiring", "ends_on": "2026-03-31"}),
    ],
)
async def test_a_verb_acts_at_once_and_is_told(
    licensing: Client, base: str, verb: str, body: dict[str, Any], shown: dict[str, Any]
) -> None:
    await grant(licensing, "l-1")

    answer = await do(licensing, verb, body, base=base)
    read = await licensing.get(f"{base}/licences/l-1", as_=MANAGER[base])

    [told] = await licensing.heard(LicenceChanged)
    assert answer.status == 200, answer.body
    assert shown.items() <= answer.body.items()
    assert answer.body.items() <= read.body.items()
    assert answer.headers["ETag"] == read.headers["ETag"] == '"2"'
    assert (told.licence_id, told.state) == ("l-1", answer.body["state"])


async def test_a_suspended_licence_goes_on_when_it_is_resumed(licensing: Client) -> None:
    await grant(licensing, "l-1")
    await do(licensing, "suspend")

    again = await do(licensing, "suspend")
    answer = await do(licensing, "resume")

    told = await licensing.heard(LicenceChanged)
    assert again.headers["ETag"] == '"2"'  # what is so already is no change
    assert (answer.body["state"], answer.body["valid"]) == ("active", True)
    assert [(each.act, each.timeline.stopped) for each in told] == [
        ("suspended", "suspended"),
        ("resumed", None),
    ]


async def test_a_trial_is_extended_twice_and_then_bought(licensing: Client) -> None:
    body = {"product": "mdm", "model": "trial", "seats": 5}
    made = await licensing.post(f"{TENANT}/licences", as_=MANAGER[TENANT], json=body)
    path = f"{TENANT}/licences/{made.body['id']}"

    extended = [
        await licensing.post(f"{path}/extend", as_=MANAGER[TENANT], json={}) for _ in range(3)
    ]
    bought = await licensing.post(
        f"{path}/convert", as_=MANAGER[TENANT], json={"term_months": 12, "seats": 7}
    )
    second = await licensing.post(f"{TENANT}/licences", as_=MANAGER[TENANT], json=body)

    assert (made.status, made.body["ends_on"]) == (201, "2026-04-08")
    assert [each.status for each in extended] == [200, 200, 409]
    assert extended[1].body["ends_on"] == "2026-06-07"
    assert extended[2].body["code"] == "trial_extended_enough"
    assert (bought.body["model"], bought.body["seats"]) == ("term", 7)
    assert (second.status, second.body["code"]) == (409, "trial_used")


async def test_the_same_renewal_extends_once_however_often_and_fast_it_comes(
    licensing: Client,
) -> None:
    await grant(licensing, "l-1")

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(do(licensing, "renew", {"term_months": 12}, Idempotency_Key="k-1"))
            for _ in range(20)
        ]
    late = await do(licensing, "renew", {"term_months": 12}, Idempotency_Key="k-1", If_Match='"1"')

    done = [task.result() for task in tasks if task.result().status == 200]
    busy = {task.result().body.get("code") for task in tasks if task.result() not in done}
    assert busy <= {"request_running"}
    assert {answer.body["ends_on"] for answer in [*done, late]} == {"2028-03-09"}
    assert len(await licensing.heard(LicenceChanged)) == 1


async def test_a_key_is_good_for_one_request_only(licensing: Client) -> None:
    await grant(licensing, "l-1")
    await do(licensing, "renew", {"term_months": 12}, Idempotency_Key="k-1")

    other = await do(licensing, "renew", {"term_months": 24}, Idempotency_Key="k-1")

    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert (await stored(licensing))["version"] == 2


async def test_whoever_read_an_older_version_changes_nothing(licensing: Client) -> None:
    await grant(licensing, "l-1")
    await do(licensing, "resize", {"seats": 9})

    stale = await do(licensing, "resize", {"seats": 6}, If_Match='"1"')
    fresh = await do(licensing, "resize", {"seats": 7}, If_Match='"2"')

    assert (stale.status, stale.body["code"]) == (412, "precondition_failed")
    assert (fresh.status, fresh.body["seats"]) == (200, 7)


async def test_seats_are_never_fewer_than_devices_though_both_change_at_once(
    licensing: Client,
) -> None:
    await grant(licensing, "l-1")  # with five seats
    rows = licensing.mongo.collection("licences")

    async def activate() -> None:
        """As activation does: count one more, if there is a seat left."""
        free = {"_id": "l-1", "$expr": {"$lt": ["$seats_used", "$seats"]}}
        await rows.update(free, {"$inc": {"seats_used": 1}})

    async with asyncio.TaskGroup() as group:
        for seats in (4, 3, 2, 1):
            group.create_task(activate())
            group.create_task(do(licensing, "resize", {"seats": seats}))

    row = await stored(licensing)
    assert row["seats_used"] <= row["seats"]


async def test_a_change_leaves_the_count_of_devices_alone(licensing: Client) -> None:
    await grant(licensing, "l-1")
    rows = licensing.mongo.collection("licences")
    await rows.update({"_id": "l-1"}, {"$inc": {"seats_used": 3}})

    refused = await do(licensing, "resize", {"seats": 2})
    answer = await do(licensing, "resize", {"seats": 3})

    assert (refused.status, refused.body["code"]) == (409, "seats_in_use")
    assert (answer.body["seats"], answer.body["seats_used"]) == (3, 3)


async def test_a_licence_goes_to_another_customer_under_another_key(licensing: Client) -> None:
    await grant(licensing, "l-1")
    second = TenantCreated(
        tenant_id="123457.sms", name="Second", reseller_id="100001.rsp", locale="de"
    )
    await licensing.deliver(second)
    before = await stored(licensing)

    foreign = await do(licensing, "transfer", {"tenant_id": "200001.sms"}, base=RESELLER)
    answer = await do(licensing, "transfer", {"tenant_id": "123457.sms"}, base=RESELLER)
    left = await licensing.get(f"{TENANT}/licences/l-1", as_=MANAGER[TENANT])

    [told] = await licensing.heard(LicenceChanged)
    assert (foreign.status, foreign.body["code"]) == (422, "unknown_customer")
    assert (answer.status, answer.body["tenant_id"]) == (200, "123457.sms")
    assert (told.tenant_id, told.former_tenant_id) == ("123457.sms", "123456.sms")
    assert left.status == 404
    assert (await stored(licensing))["key"] != before["key"]


async def test_the_reseller_renews_what_has_expired_where_the_tenant_is_closed(
    licensing: Client,
) -> None:
    await grant(licensing, "l-1", ends_on="2026-03-20")
    licensing.now.advance(timedelta(days=60))
    later = a_pass("100001.rsp", *Permission, factor_at=int(licensing.now().timestamp()))

    query = {"tenant_id": "123456.sms"}
    listed = await licensing.get(f"{RESELLER}/licences", as_=later, params=query)
    path = f"{RESELLER}/licences/l-1/renew"
    answer = await licensing.post(path, as_=later, json={"term_months": 12})

    assert [item["state"] for item in listed.body["items"]] == ["expired"]
    assert (answer.body["state"], answer.body["starts_on"]) == ("active", "2026-05-09")


@each_base
@pytest.mark.parametrize("verb", VERBS)
async def test_without_the_permission_or_in_another_place_nothing_is_done(
    licensing: Client, base: str, verb: str
) -> None:
    await grant(licensing, "l-1")
    place = MANAGER[base].place
    path = paths(base)[verb]
    foreign = {TENANT: "/v1/tenants/200001.sms", RESELLER: "/v1/resellers/100002.rsp"}[base]
    there = a_pass(foreign.rpartition("/")[2], *Permission, factor_at=FRESH)
    reader = a_pass(place, Permission.LICENCE_READ, Permission.LICENCE_CREATE, factor_at=FRESH)

    answers = [
        await licensing.post(path, as_=reader, json=VERBS[verb]),
        await licensing.post(path, as_=there, json=VERBS[verb]),
        await licensing.post(paths(foreign)[verb], as_=there, json=VERBS[verb]),
    ]

    assert [answer.status for answer in answers] == [403, 401, 404]
    assert (await stored(licensing))["version"] == 1


@each_base
@pytest.mark.parametrize("verb", ["renew", "resize", "revoke", "cancel"])
async def test_what_costs_or_ends_something_needs_a_fresh_factor(
    licensing: Client, base: str, verb: str
) -> None:
    await grant(licensing, "l-1")
    stale = a_pass(MANAGER[base].place, *Permission, factor_at=FRESH - 601)

    path = paths(base)[verb]
    answer = await licensing.post(path, as_=stale, json=VERBS[verb])

    assert (answer.status, answer.body["code"]) == (401, "insufficient_user_authentication")
    assert (await stored(licensing))["version"] == 1


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("renew", {}),
        ("renew", {"term_months": 13}),
        ("renew", {"term_months": 12, "from": "yesterday"}),
        ("renew", {"term_months": {"$gt": 0}}),
        ("resize", {"seats": 0}),
        ("resize", {"seats": "9"}),
        ("resize", {"seats": 9.5}),
        ("resize", {"seats": 9, "ends_on": "2030-01-01"}),
        ("cancel", {"ends_on": "soon"}),
        ("cancel", {"ends_on": 1_773_144_000}),
        ("convert", {"seats": 5}),
        ("suspend", {"reason": "a\nb"}),
        ("transfer", {"tenant_id": {"$ne": ""}}),
    ],
)
async def test_bad_input_is_refused_and_changes_nothing(
    licensing: Client, verb: str, body: dict[str, Any]
) -> None:
    await grant(licensing, "l-1")

    answer = await do(licensing, verb, body, base=RESELLER)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert (await stored(licensing))["version"] == 1


async def test_history_says_who_did_what_why_and_what_it_changed(licensing: Client) -> None:
    await grant(licensing, "l-1")
    licensing.now.advance(timedelta(minutes=1))
    await do(licensing, "resize", {"seats": 9, "reason": "More staff"}, X_Request_Id="r-9")
    await do(licensing, "suspend")

    path = f"{TENANT}/licences/l-1/history"
    first = (await licensing.get(path, as_=MANAGER[TENANT], params={"limit": "2"})).body
    query = {"limit": "2", "cursor": first["next_cursor"]}
    second = (await licensing.get(path, as_=MANAGER[TENANT], params=query)).body
    sold = (await licensing.get(f"{RESELLER}/licences/l-1/history", as_=MANAGER[RESELLER])).body

    suspended, resized = first["items"]
    [created] = second["items"]
    assert [each["act"] for each in sold["items"]] == ["suspended", "resized", "created"]
    assert (resized["actor"], resized["actor_org"]) == ("account-1", "100001.rsp")
    assert (resized["reason"], resized["request_id"]) == ("More staff", "r-9")
    assert (resized["before"]["seats"], resized["after"]["seats"]) == (5, 9)
    assert suspended["after"]["state"] == "suspended"
    assert (created["before"], created["actor"]) == (None, None)
    assert "key" not in created["after"]


async def test_a_licence_is_shown_as_it_was_at_any_instant(licensing: Client) -> None:
    await grant(licensing, "l-1")
    licensing.now.advance(timedelta(hours=1))
    await do(licensing, "suspend")
    licensing.now.advance(timedelta(minutes=5))
    await do(licensing, "resume")
    path = f"{TENANT}/licences/l-1"

    async def at(instant: str) -> Answer:
        return await licensing.get(path, as_=MANAGER[TENANT], params={"at": instant})

    before = await at("2026-03-10T11:59:59Z")
    created = await at("2026-03-10T12:30:00Z")
    suspended = await at("2026-03-10T13:00:00Z")
    resumed = await at("2026-03-10T13:05:00Z")
    bad = await at("2026-03-10T13:05:00")

    assert before.status == 404
    assert [each.body["state"] for each in (created, suspended, resumed)] == [
        "active",
        "suspended",
        "active",
    ]
    assert created.body["key"] is None
    assert bad.status == 422


async def test_a_foreign_cursor_of_the_history_is_refused(licensing: Client) -> None:
    await grant(licensing, "l-1")
    path = f"{TENANT}/licences/l-1/history"

    cursors = ["bm9wZQ", write_cursor("history", "9" * 30), write_cursor("history", "-1")]
    answers = [
        await licensing.get(path, as_=MANAGER[TENANT], params={"cursor": each}) for each in cursors
    ]

    assert [(each.status, each.body["code"]) for each in answers] == [(422, "invalid")] * 3


@each_base
async def test_the_vendor_gives_a_feature_up_to_a_day_of_its_own_and_nobody_else_does(
    licensing: Client, base: str
) -> None:
    await grant(licensing, "l-1")
    path, body = paths(base)["entitle"], {"feature": "vpn", "ends_on": "2026-03-31"}
    vendor = a_pass(MANAGER[base].place, *Permission, org="vendor", factor_at=FRESH)

    refused = await licensing.post(path, as_=MANAGER[base], json=body)
    given = await licensing.post(path, as_=vendor, json=body)
    past = await licensing.post(path, as_=vendor, json={**body, "ends_on": "2026-03-09"})
    unknown = await licensing.post(path, as_=vendor, json={"feature": "teleport"})

    assert refused.status == 403
    assert given.body["entitlements"] == [
        {"feature": "device-management", "ends_on": None},
        {"feature": "vpn", "ends_on": "2026-03-31"},
    ]
    assert [(each.status, each.body["code"]) for each in (past, unknown)] == [
        (422, "entitlement_day"),
        (422, "unknown_feature"),
    ]
    assert (await stored(licensing))["version"] == 2
