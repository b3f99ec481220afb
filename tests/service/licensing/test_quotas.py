"""Quotas: what the vendor hands out, and that nobody gets more."""

import asyncio
from typing import Any

import pytest

from shared.access import Permission
from shared.contracts.tenancy import TenantCreated, TenantRefused
from tests.service.licensing.test_managing import MANAGER, RESELLER, TENANT
from tests.service.licensing.test_orders import NEW, an_order
from tests.support.licensing import another_replica
from tests.support.service import NOON, Answer, Client, a_pass

QUOTAS = "/v1/resellers/100001.rsp/quotas"
VENDOR = a_pass("100001.rsp", *Permission, org="vendor", factor_at=int(NOON.timestamp()))
ORDERS = f"{RESELLER}/licence-orders"


async def hand_out(licensing: Client, seats: int | None, was: str | None = None) -> Answer:
    path = f"{QUOTAS}/mobile-security"
    read = await licensing.get(path, as_=VENDOR)
    headers = {"If-Match": was or read.headers["ETag"]}
    return await licensing.send("PUT", path, as_=VENDOR, json={"seats": seats}, headers=headers)


async def order(licensing: Client, **changes: Any) -> Answer:
    return await licensing.post(ORDERS, as_=MANAGER[RESELLER], json=an_order(**changes))


async def drawn(licensing: Client) -> int:
    [quota] = (await licensing.get(QUOTAS, as_=MANAGER[RESELLER])).body["items"]
    return int(quota["drawn"])


async def test_of_fifty_orders_at_once_at_two_replicas_ten_fit_into_a_quota_of_ten(
    licensing: Client,
) -> None:
    await hand_out(licensing, 10)

    async with another_replica(licensing) as other, asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(order(one, seats=1)) for _ in range(25) for one in (licensing, other)
        ]

    statuses = [task.result().status for task in tasks]
    assert statuses.count(202) == 10
    assert statuses.count(409) == 40
    assert await drawn(licensing) == 10
    assert await licensing.mongo.collection("licences").count({}) == 10


async def test_what_does_not_fit_is_refused_and_leaves_no_trace(licensing: Client) -> None:
    await hand_out(licensing, 24)

    answer = await order(licensing, seats=25)

    assert (answer.status, answer.body["code"]) == (409, "quota_exceeded")
    assert await licensing.mongo.collection("orders").count({}) == 0
    assert await drawn(licensing) == 0


async def test_seats_follow_the_licence_up_down_and_back_when_it_ends(licensing: Client) -> None:
    await hand_out(licensing, 30)
    made = await licensing.post(
        f"{TENANT}/licences",
        as_=MANAGER[TENANT],
        json={"product": "mobile-security", "seats": 25, "term_months": 12},
    )
    path = f"{TENANT}/licences/{made.body['id']}"
    counts = [await drawn(licensing)]

    for seats in (31, 30, 10):
        await licensing.post(f"{path}/resize", as_=MANAGER[TENANT], json={"seats": seats})
        counts.append(await drawn(licensing))
    await licensing.post(f"{path}/renew", as_=MANAGER[TENANT], json={"term_months": 12})
    counts.append(await drawn(licensing))
    for _ in range(2):
        await licensing.post(f"{path}/revoke", as_=MANAGER[TENANT], json={})
        counts.append(await drawn(licensing))

    assert counts == [25, 25, 30, 10, 10, 0, 0]


async def test_an_order_that_ends_without_a_licence_gives_its_seats_back(
    licensing: Client,
) -> None:
    await hand_out(licensing, 30)
    order_id = (await order(licensing, customer={"new": NEW})).body["order_id"]
    meanwhile = await drawn(licensing)
    refused = TenantRefused(order_id=order_id, reseller_id="100001.rsp", reason="no")

    await licensing.deliver(refused, times=2)

    assert (meanwhile, await drawn(licensing)) == (25, 0)


async def test_seats_of_a_new_customers_order_are_drawn_once(licensing: Client) -> None:
    await hand_out(licensing, 30)
    order_id = (await order(licensing, customer={"new": NEW})).body["order_id"]
    tenant = TenantCreated(
        tenant_id="654321.sms",
        name="Newcomers",
        reseller_id="100001.rsp",
        locale="de",
        order_id=order_id,
    )

    await licensing.deliver(tenant, times=2)

    assert await drawn(licensing) == 25


async def test_trials_own_use_and_use_by_the_month_draw_nothing(licensing: Client) -> None:
    await hand_out(licensing, 0)

    answers = [
        await order(licensing, model="trial", term_months=None),
        await order(licensing, model="nfr", term_months=None),
        await order(licensing, model="msp", seats=None, term_months=None),
    ]

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert await drawn(licensing) == 0


async def test_a_quota_is_never_below_what_is_out_and_may_be_lifted(licensing: Client) -> None:
    await hand_out(licensing, 30)
    await order(licensing, seats=25)

    below = await hand_out(licensing, 24)
    exact = await hand_out(licensing, 25)
    lifted = await hand_out(licensing, None)
    more = await order(licensing, seats=1000)

    assert (below.status, below.body["code"]) == (409, "quota_below_drawn")
    assert (exact.status, exact.body["seats"]) == (200, 25)
    assert (lifted.body["seats"], more.status) == (None, 202)
    assert await drawn(licensing) == 1025


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (f"{QUOTAS}/antivirus", {"seats": 1}, "unknown_product"),
        (f"{QUOTAS}/mdm", {"seats": -1}, "invalid"),
        (f"{QUOTAS}/mdm", {"seats": "1"}, "invalid"),
        (f"{QUOTAS}/mdm", {}, "invalid"),
    ],
)
async def test_a_quota_that_makes_no_sense_is_refused(
    licensing: Client, path: str, body: dict[str, Any], code: str
) -> None:
    headers = {"If-Match": '"0"'}
    answer = await licensing.send("PUT", path, as_=VENDOR, json=body, headers=headers)

    assert (answer.status, answer.body["code"]) == (422, code)
    assert (await licensing.get(QUOTAS, as_=VENDOR)).body["items"] == []


async def test_of_two_who_change_a_quota_the_later_one_reads_it_again(licensing: Client) -> None:
    await hand_out(licensing, 10)

    answers = [
        await hand_out(licensing, 20, '"0"'),
        await hand_out(licensing, 20, '"2"'),
        await licensing.send("PUT", f"{QUOTAS}/mobile-security", as_=VENDOR, json={"seats": 20}),
    ]

    assert [answer.status for answer in answers] == [412, 412, 428]
    [quota] = (await licensing.get(QUOTAS, as_=VENDOR)).body["items"]
    assert quota == {"product": "mobile-security", "seats": 10, "drawn": 0}


async def test_a_reseller_hands_itself_nothing(licensing: Client) -> None:
    staff = a_pass(
        "100001.rsp",
        Permission.LICENCE_READ,
        Permission.LICENCE_CREATE,
        Permission.LICENCE_MANAGE,
        factor_at=int(NOON.timestamp()),
    )
    path = "/v1/resellers/100001.rsp/quotas/mdm"

    answer = await licensing.send("PUT", path, as_=staff, json={"seats": 1000})
    put = await licensing.http.put(path, json={"seats": 1000})

    assert (answer.status, put.status) == (403, 401)
    assert (await licensing.get(QUOTAS, as_=VENDOR)).body["items"] == []
