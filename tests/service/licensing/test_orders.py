"""Licence orders, from the request to the licence."""

import asyncio
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.licensing import (
    LicenceCreated,
    LicenceOrderFulfilled,
    LicenceOrderPlaced,
    LicenceOrderRejected,
)
from shared.contracts.tenancy import (
    ResellerChanged,
    ResellerResumed,
    TenantCreated,
    TenantRefused,
)
from tests.support.service import NOON, Answer, Client, a_pass

PATH = "/v1/resellers/100001.rsp/licence-orders"
RESELLER = a_pass("100001.rsp", Permission.LICENCE_CREATE, Permission.LICENCE_READ)
NEW: dict[str, Any] = {
    "name": "Newcomers",
    "admin": {"username": "ada", "email": "ada@newcomers.example"},
}


def an_order(**changes: Any) -> dict[str, Any]:
    body = {
        "product": "mobile-security",
        "seats": 25,
        "term_months": 12,
        "customer": {"tenant_id": "123456.sms"},
    }
    return {**body, **changes}


async def place(
    licensing: Client, body: dict[str, Any] | None = None, key: str | None = None
) -> Answer:
    headers = {"X-Request-Id": "r-1", **({"Idempotency-Key": key} if key else {})}
    return await licensing.post(PATH, as_=RESELLER, json=body or an_order(), headers=headers)


async def stored(licensing: Client) -> tuple[int, int]:
    """How many orders and licences there are."""
    orders = await licensing.mongo.collection("orders").count({})
    return orders, await licensing.mongo.collection("licences").count({})


async def test_an_order_needs_no_factor_shown_lately_and_what_changes_a_licence_does(
    licensing: Client,
) -> None:
    machine = a_pass("100001.rsp", Permission.LICENCE_CREATE, Permission.LICENCE_MANAGE)

    ordered = await licensing.post(PATH, as_=machine, json=an_order())
    [created] = await licensing.heard(LicenceCreated)
    base = f"/v1/resellers/100001.rsp/licences/{created.licence_id}"
    changes = {"renew": {"term_months": 12}, "resize": {"seats": 90}, "revoke": {}, "cancel": {}}
    changed = [
        await licensing.post(f"{base}/{verb}", as_=machine, json=body)
        for verb, body in changes.items()
    ]

    assert ordered.status == 202
    assert {(one.status, one.body["code"]) for one in changed} == {
        (401, "insufficient_user_authentication")
    }


async def test_an_order_for_an_old_customer_is_a_licence_at_once(licensing: Client) -> None:
    answer = await place(licensing)

    assert answer.status == 202
    order_id = answer.body["order_id"]
    assert answer.headers["Location"] == f"{PATH}/{order_id}"
    order = (await licensing.get(answer.headers["Location"], as_=RESELLER)).body
    [created] = await licensing.heard(LicenceCreated)
    assert order == {
        "id": order_id,
        "status": "fulfilled",
        "product": "mobile-security",
        "seats": 25,
        "term_months": 12,
        "tenant_id": "123456.sms",
        "licence_id": created.licence_id,
        "reason": None,
        "placed_at": "2026-03-10T12:00:00Z",
        "model": "term",
        "order_number": None,
        "steps": [
            {"step": step, "at": "2026-03-10T12:00:00Z"}
            for step in ("placed", "licence_created", "fulfilled")
        ],
    }


async def test_what_happens_to_an_order_is_told(licensing: Client) -> None:
    order_id = (await place(licensing)).body["order_id"]

    [placed] = await licensing.heard(LicenceOrderPlaced)
    [created] = await licensing.heard(LicenceCreated)
    [fulfilled] = await licensing.heard(LicenceOrderFulfilled)
    assert placed.order_id == created.order_id == fulfilled.order_id == order_id
    assert (created.tenant_id, created.seats) == ("123456.sms", 25)
    assert (created.starts_on.isoformat(), created.ends_on.isoformat()) == (
        "2026-03-10",
        "2027-03-09",
    )


async def test_an_order_for_a_new_customer_waits_for_its_tenant(licensing: Client) -> None:
    order_id = (await place(licensing, an_order(customer={"new": NEW}))).body["order_id"]

    before = (await licensing.get(f"{PATH}/{order_id}", as_=RESELLER)).body
    await licensing.deliver(_tenant_for(order_id), times=2)
    after = (await licensing.get(f"{PATH}/{order_id}", as_=RESELLER)).body

    [placed] = await licensing.heard(LicenceOrderPlaced)
    assert placed.new_customer is not None
    assert placed.new_customer.admin_display_name == "ada"
    assert placed.new_customer.locale == "de"
    assert (before["status"], before["tenant_id"]) == ("placed", None)
    assert (after["status"], after["tenant_id"]) == ("fulfilled", "654321.sms")
    assert len(await licensing.heard(LicenceCreated)) == 1
    assert await stored(licensing) == (1, 1)


async def test_a_tenant_that_is_told_of_again_gets_no_second_licence(licensing: Client) -> None:
    order_id = (await place(licensing, an_order(customer={"new": NEW}))).body["order_id"]
    await licensing.deliver(_tenant_for(order_id), event_id="e-1")

    await licensing.deliver(_tenant_for(order_id), event_id="e-2")

    assert await licensing.failed() == []
    assert await stored(licensing) == (1, 1)


async def test_an_order_whose_customer_is_refused_ends_with_the_reason(licensing: Client) -> None:
    order_id = (await place(licensing, an_order(customer={"new": NEW}))).body["order_id"]
    refused = TenantRefused(
        order_id=order_id, reseller_id="100001.rsp", reason="reseller_not_authorised"
    )

    await licensing.deliver(refused, times=2)

    order = (await licensing.get(f"{PATH}/{order_id}", as_=RESELLER)).body
    assert (order["status"], order["reason"]) == ("rejected", "reseller_not_authorised")
    assert len(await licensing.heard(LicenceOrderRejected)) == 1
    assert await stored(licensing) == (1, 0)


async def test_a_foreign_customer_and_none_at_all_are_one_answer(licensing: Client) -> None:
    foreign = await place(licensing, an_order(customer={"tenant_id": "200001.sms"}))
    absent = await place(licensing, an_order(customer={"tenant_id": "999999.sms"}))

    assert (foreign.status, foreign.body["code"]) == (422, "unknown_customer")
    assert foreign.body == absent.body
    assert await stored(licensing) == (0, 0)
    assert await licensing.heard(LicenceOrderPlaced) == []


async def test_a_pass_for_another_place_orders_and_reads_nothing(licensing: Client) -> None:
    order_id = (await place(licensing)).body["order_id"]
    other = a_pass("100002.rsp", *Permission)

    refused = [
        await licensing.post(PATH, as_=other, json=an_order()),
        await licensing.get(PATH, as_=other),
        await licensing.get(f"{PATH}/{order_id}", as_=other),
    ]
    elsewhere = f"/v1/resellers/100002.rsp/licence-orders/{order_id}"
    through_the_own_place = await licensing.get(elsewhere, as_=other)

    assert [answer.status for answer in refused] == [401, 401, 401]
    assert through_the_own_place.status == 404
    assert await stored(licensing) == (1, 1)


async def test_who_may_only_read_orders_nothing(licensing: Client) -> None:
    support = a_pass("100001.rsp", Permission.LICENCE_READ)

    answer = await licensing.post(PATH, as_=support, json=an_order())

    assert (answer.status, await stored(licensing)) == (403, (0, 0))


async def test_the_same_request_under_the_same_key_is_the_same_order(licensing: Client) -> None:
    first = await place(licensing, key="k-1")
    again = await place(licensing, key="k-1")

    assert again.status == 202
    assert again.body == first.body
    assert again.headers["Location"] == first.headers["Location"]
    assert await stored(licensing) == (1, 1)


async def test_another_request_under_the_same_key_is_refused(licensing: Client) -> None:
    await place(licensing, key="k-1")

    answer = await place(licensing, an_order(seats=26), key="k-1")

    assert (answer.status, answer.body["code"]) == (422, "idempotency_key_reused")
    assert await stored(licensing) == (1, 1)


async def test_parallel_repetitions_make_one_order(licensing: Client) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(place(licensing, key="k-1")) for _ in range(8)]

    answers = [task.result() for task in tasks]
    done = [answer for answer in answers if answer.status == 202]
    again = await place(licensing, key="k-1")
    busy = {answer.body["code"] for answer in answers if answer not in done}
    assert busy <= {"request_running"}
    assert {answer.body["order_id"] for answer in [*done, again]} == {again.body["order_id"]}
    assert await stored(licensing) == (1, 1)
    assert len(await licensing.heard(LicenceCreated)) == 1


async def test_keys_of_two_resellers_have_nothing_to_do_with_each_other(
    licensing: Client,
) -> None:
    await place(licensing, key="k-1")

    answer = await licensing.post(
        "/v1/resellers/100002.rsp/licence-orders",
        as_=a_pass("100002.rsp", Permission.LICENCE_CREATE),
        json=an_order(customer={"tenant_id": "200001.sms"}),
        headers={"Idempotency-Key": "k-1"},
    )

    assert (answer.status, await stored(licensing)) == (202, (2, 2))


async def test_a_licence_that_is_made_for_a_customer_is_made_once_per_key(
    licensing: Client,
) -> None:
    seller = a_pass(
        "123456.sms", Permission.LICENCE_CREATE, org="100001.rsp", factor_at=int(NOON.timestamp())
    )
    terms = {name: value for name, value in an_order().items() if name != "customer"}
    headers = {"Idempotency-Key": "k-1"}

    first, again = [
        await licensing.post(
            "/v1/tenants/123456.sms/licences", as_=seller, json=terms, headers=headers
        )
        for _ in range(2)
    ]

    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert await stored(licensing) == (1, 1)


async def test_without_a_key_every_request_is_an_order(licensing: Client) -> None:
    await place(licensing)
    await place(licensing)

    assert await stored(licensing) == (2, 2)


@pytest.mark.parametrize("key", ["", "two words", "k" * 256, "schlüssel"])
async def test_a_key_that_is_no_key_is_refused(licensing: Client, key: str) -> None:
    answer = await licensing.post(
        PATH, as_=RESELLER, json=an_order(), headers={"Idempotency-Key": key}
    )

    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == "#/header/Idempotency-Key"
    assert await stored(licensing) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"product": "antivirus"}, "unknown_product", id="unknown product"),
        pytest.param({"product": {"$gt": ""}}, "invalid", id="operator as product"),
        pytest.param({"seats": 0}, "invalid", id="no seats"),
        pytest.param({"seats": 100_001}, "invalid", id="too many seats"),
        pytest.param({"seats": "5"}, "invalid", id="seats as text"),
        pytest.param({"seats": True}, "invalid", id="seats as truth"),
        pytest.param({"term_months": 13}, "invalid", id="no such term"),
        pytest.param({"customer": {}}, "invalid", id="no customer"),
        pytest.param({"customer": {"tenant_id": {"$ne": "x"}}}, "invalid", id="operator as id"),
        pytest.param(
            {"customer": {"tenant_id": "100001.rsp"}}, "unknown_customer", id="a reseller's id"
        ),
        pytest.param(
            {"customer": {"tenant_id": "123456.sms", "new": NEW}}, "invalid", id="old and new"
        ),
        pytest.param({"customer": {"new": {"name": "x"}}}, "invalid", id="nobody to manage it"),
        pytest.param(
            {"customer": {"new": {**NEW, "locale": "fr"}}}, "invalid", id="unknown language"
        ),
        pytest.param(
            {"customer": {"new": {**NEW, "admin": {"username": "a", "email": "a@b\r\nBcc: c@d"}}}},
            "invalid",
            id="a header in the address",
        ),
        pytest.param({"starts_on": "2020-01-01"}, "invalid", id="unknown field"),
        pytest.param({"reseller_id": "100002.rsp"}, "invalid", id="somebody else's order"),
    ],
)
async def test_a_bad_order_changes_nothing(
    licensing: Client, changes: dict[str, Any], code: str
) -> None:
    answer = await place(licensing, an_order(**changes))

    assert (answer.status, answer.body["code"]) == (422, code)
    assert all(flaw["pointer"].startswith("#/body") for flaw in answer.body["errors"])
    assert await stored(licensing) == (0, 0)


async def test_a_reseller_not_heard_of_yet_is_asked_to_come_again(licensing: Client) -> None:
    answer = await licensing.post(
        "/v1/resellers/100003.rsp/licence-orders",
        as_=a_pass("100003.rsp", Permission.LICENCE_CREATE),
        json=an_order(customer={"new": NEW}),
    )

    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert await stored(licensing) == (0, 0)


async def test_orders_are_listed_newest_first_each_once_and_only_the_own(
    licensing: Client,
) -> None:
    placed = [(await place(licensing)).body["order_id"] for _ in range(5)]
    await licensing.post(
        "/v1/resellers/100002.rsp/licence-orders",
        as_=a_pass("100002.rsp", Permission.LICENCE_CREATE),
        json=an_order(customer={"tenant_id": "200001.sms"}),
    )

    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        body = (await licensing.get(PATH, params=query, as_=RESELLER)).body
        seen += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            break
        query["cursor"] = body["next_cursor"]

    assert sorted(seen) == sorted(placed)
    assert len(seen) == len(placed)


@pytest.mark.parametrize("cursor", ["nonsense", "WyJuZXdlc3QiLCJ4IiwieSJd", "WyJpZCIsIjEiLCJ5Il0"])
async def test_a_cursor_that_was_never_given_out_is_refused(licensing: Client, cursor: str) -> None:
    answer = await licensing.get(PATH, params={"cursor": cursor}, as_=RESELLER)

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "#/query/cursor")


def _tenant_for(order_id: str) -> TenantCreated:
    return TenantCreated(
        tenant_id="654321.sms",
        name="Newcomers",
        reseller_id="100001.rsp",
        locale="de",
        order_id=order_id,
    )


@pytest.mark.parametrize("status", ["prospect", "suspended", "terminated"])
async def test_only_an_authorised_reseller_orders(licensing: Client, status: str) -> None:
    facts = {"reseller_id": "100001.rsp", "name": "R", "locale": "de"}
    closed = ResellerChanged(**facts, status=status)
    await licensing.deliver(closed, sequence=2)

    refused = [await place(licensing), await place(licensing, an_order(customer={"new": NEW}))]
    stale = ResellerChanged(**facts, status="authorised")
    await licensing.deliver(stale, sequence=1)
    still = await place(licensing)
    await licensing.deliver(
        ResellerResumed(**facts, status="authorised", reason="Paid"), sequence=3
    )
    again = await place(licensing)

    assert [(one.status, one.body["code"]) for one in (*refused, still)] == [
        (409, "reseller_may_not_order")
    ] * 3
    assert again.status == 202
    assert await stored(licensing) == (1, 1)
