"""The Reseller Portal's licence orders: each carried out once, none for another's customer."""

from typing import Any

import pytest

from shared.contracts.licensing import (
    LicenceCreated,
    LicenceOrderFulfilled,
    LicenceOrderPlaced,
    LicensingMessageRejected,
    LicensingMessageTaken,
)
from tests.support.service import Client
from tests.support.sync import outcomes, reasons, send


def an_order(**more: Any) -> dict[str, Any]:
    return {
        "order_id": "A-1",
        "reseller_id": "100001.rsp",
        "tenant_id": "123456.sms",
        "product": "mobile-security",
        "seats": 5,
        "term_months": 12,
        **more,
    }


async def order(licensing: Client, **more: Any) -> None:
    await send(licensing, "licence_order.ordered", an_order(**more))


async def test_an_order_becomes_one_licence_however_often_it_comes(licensing: Client) -> None:
    await send(licensing, "licence_order.ordered", an_order(), times=2)
    await order(licensing)

    [placed] = await licensing.heard(LicenceOrderPlaced)
    [fulfilled] = await licensing.heard(LicenceOrderFulfilled)
    [licence] = await licensing.heard(LicenceCreated)
    assert (placed.order_id, fulfilled.order_id, licence.seats) == ("A-1", "A-1", 5)
    assert await outcomes(licensing, LicensingMessageTaken) == ["applied", "ignored"]


async def test_no_order_is_for_the_customer_of_another(licensing: Client) -> None:
    """It may be on its way, so it is waited for; in the end it is rejected."""
    await order(licensing, tenant_id="200001.sms")
    await order(licensing, order_id="A-2", tenant_id="765432.sms")

    assert await licensing.failed() == ["NotYetKnownError: unknown_customer"] * 2
    assert await licensing.heard(LicenceCreated) == []


async def test_no_company_has_the_order_of_another(licensing: Client) -> None:
    await order(licensing)
    await order(licensing, reseller_id="100002.rsp", tenant_id="200001.sms")

    [told] = await licensing.heard(LicensingMessageRejected)
    assert (told.reason, told.record) == ("not_yours", "A-1")
    assert len(await licensing.heard(LicenceCreated)) == 1


async def test_an_order_that_is_not_whole_is_told_what_it_lacks(licensing: Client) -> None:
    await order(licensing, seats=None)

    (told,) = await licensing.heard(LicensingMessageRejected)
    assert (told.reason, told.detail) == ("invalid", "Every model but `msp` has seats.")


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"product": "moonshine"}, "unknown_product"),
        ({"term_months": 13}, "invalid"),
        ({"term_months": None}, "invalid"),
        ({"seats": 0}, "does_not_fit_its_contract"),
        ({"seats": 2**40}, "does_not_fit_its_contract"),
        ({"model": "gift"}, "does_not_fit_its_contract"),
        ({"order_id": "../1"}, "does_not_fit_its_contract"),
    ],
    ids=str,
)
async def test_what_nobody_could_order_is_rejected(
    licensing: Client, flaw: dict[str, Any], reason: str
) -> None:
    await order(licensing, **flaw)

    assert await reasons(licensing, LicensingMessageRejected) == [reason]
    assert await licensing.heard(LicenceOrderPlaced) == []


async def test_a_second_trial_is_rejected(licensing: Client) -> None:
    trial = {"model": "trial", "term_months": None}
    await order(licensing, **trial)
    await order(licensing, order_id="A-2", **trial)

    assert len(await licensing.heard(LicenceCreated)) == 1
    assert await reasons(licensing, LicensingMessageRejected) == ["trial_used"]
