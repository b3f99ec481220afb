"""No order waits for ever, whatever dies on its way, and every step of it can be seen."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.licensing.actions import stale_orders
from services.licensing.actions.stale_orders import end_stale_orders
from services.licensing.app import build
from services.licensing.deps import Deps
from services.licensing.domain.orders import Order
from shared.contracts.auth import FirstAdminInvited
from shared.contracts.licensing import LicenceOrderRejected
from shared.contracts.tenancy import TenantCreated, TenantRefused
from tests.service.licensing.test_orders import NEW, PATH, RESELLER, an_order, place, stored
from tests.support.service import Client


async def placed(licensing: Client, **changes: Any) -> str:
    answer = await place(licensing, an_order(customer={"new": NEW}, **changes))
    return str(answer.body["order_id"])


async def read(licensing: Client, order_id: str) -> dict[str, Any]:
    body = (await licensing.get(f"{PATH}/{order_id}", as_=RESELLER)).body
    assert isinstance(body, dict)
    return body


def steps(order: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["step"], each["at"][11:16]) for each in order["steps"]]


async def ended(licensing: Client) -> None:
    async with licensing.acting(build) as deps:
        await end_stale_orders(deps)


def tenant_for(order_id: str) -> TenantCreated:
    return TenantCreated(
        tenant_id="654321.sms",
        name="Newcomers",
        reseller_id="100001.rsp",
        locale="de",
        order_id=order_id,
    )


def invitation_for(order_id: str) -> FirstAdminInvited:
    return FirstAdminInvited(
        order_id=order_id, reseller_id="100001.rsp", tenant_id="654321.sms", account_id="a-1"
    )


async def test_an_order_shows_each_step_with_its_instant(licensing: Client) -> None:
    order_id = await placed(licensing)
    licensing.now.advance(timedelta(minutes=1))
    await licensing.deliver(tenant_for(order_id), times=2)
    licensing.now.advance(timedelta(minutes=1))

    await licensing.deliver(invitation_for(order_id), times=2)

    order = await read(licensing, order_id)
    assert order["status"] == "fulfilled"
    assert steps(order) == [
        ("placed", "12:00"),
        ("customer_set_up", "12:01"),
        ("licence_created", "12:01"),
        ("fulfilled", "12:01"),
        ("admin_invited", "12:02"),
    ]


async def test_an_invitation_that_is_heard_of_first_is_a_step_too(licensing: Client) -> None:
    order_id = await placed(licensing)
    await licensing.deliver(invitation_for(order_id))

    await licensing.deliver(tenant_for(order_id))

    order = await read(licensing, order_id)
    assert order["status"] == "fulfilled"
    assert {step for step, _ in steps(order)} == {
        "placed",
        "admin_invited",
        "customer_set_up",
        "licence_created",
        "fulfilled",
    }


async def test_an_order_that_nobody_answers_is_rejected_in_time_and_once(
    licensing: Client,
) -> None:
    order_id = await placed(licensing)
    licensing.now.advance(timedelta(minutes=59))
    await ended(licensing)
    before = await read(licensing, order_id)

    licensing.now.advance(timedelta(minutes=1))
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(ended(licensing))

    after = await read(licensing, order_id)
    assert before["status"] == "placed"
    assert (after["status"], after["reason"]) == ("rejected", "timed_out")
    assert steps(after)[-1] == ("rejected", "13:00")
    assert len(await licensing.heard(LicenceOrderRejected)) == 1


async def test_an_answer_that_comes_too_late_makes_no_licence_but_names_the_customer(
    licensing: Client,
) -> None:
    order_id = await placed(licensing)
    licensing.now.advance(timedelta(hours=2))
    await ended(licensing)

    await licensing.deliver(tenant_for(order_id), times=2)
    await licensing.deliver(
        TenantRefused(order_id=order_id, reseller_id="100001.rsp", reason="other")
    )

    order = await read(licensing, order_id)
    assert (order["status"], order["reason"]) == ("rejected", "timed_out")
    assert order["tenant_id"] == "654321.sms"  # so that it is ordered for, not set up again
    assert await stored(licensing) == (1, 0)
    again = await place(licensing, an_order(customer={"tenant_id": "654321.sms"}))
    assert again.status == 202
    assert await stored(licensing) == (2, 1)


async def test_an_order_for_an_old_customer_is_never_ended(licensing: Client) -> None:
    order_id = (await place(licensing)).body["order_id"]

    licensing.now.advance(timedelta(days=30))
    await ended(licensing)

    assert (await read(licensing, order_id))["status"] == "fulfilled"


async def test_only_one_tenant_is_the_resellers_own(licensing: Client) -> None:
    nfr = {"model": "nfr", "term_months": None, "seats": 3}
    first = await place(licensing, an_order(**nfr))
    again = await place(licensing, an_order(**nfr))
    order_id = await placed(licensing, **nfr)

    await licensing.deliver(tenant_for(order_id))

    order = await read(licensing, order_id)
    assert (first.status, again.status) == (202, 202)
    assert (order["status"], order["reason"]) == ("rejected", "not_own_tenant")


async def test_an_order_that_cant_be_ended_keeps_no_other_one_waiting(
    licensing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = await placed(licensing), await placed(licensing)
    whole = stale_orders._end

    async def end(deps: Deps, stale: Order) -> None:
        if stale.id == broken:
            raise LookupError(stale.id)
        await whole(deps, stale)

    monkeypatch.setattr(stale_orders, "_end", end)
    licensing.now.advance(timedelta(hours=2))
    await ended(licensing)
    first = [(await read(licensing, one))["status"] for one in (broken, other)]
    monkeypatch.undo()
    await ended(licensing)

    assert first == ["placed", "rejected"]
    assert (await read(licensing, broken))["status"] == "rejected"
