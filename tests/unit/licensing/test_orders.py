"""From an order to a licence, or to a reason."""

from datetime import UTC, datetime, timedelta

from services.licensing.domain.orders import (
    Order,
    OrderStatus,
    OrderStep,
    Terms,
    fulfilled,
    rejected,
    set_up,
)
from services.licensing.domain.sales import licence_for
from shared.contracts.licensing import NewCustomer

NOW = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # half past midnight on the tenth in Berlin
ORDER = Order(
    id="o-1",
    reseller_id="100001.rsp",
    terms=Terms("mobile-security", 25, 12),
    placed_at=NOW,
)
CUSTOMER = NewCustomer(
    name="Acme",
    locale="de",
    admin_username="ada",
    admin_email="ada@acme.example",
    admin_display_name="Ada",
)


def test_a_fulfilled_order_names_its_licence_and_customer() -> None:
    licence = licence_for(
        ORDER,
        [],
        tenant_id="123456.sms",
        reseller_number=None,
        licence_id="l-1",
        key="k",
        now=NOW,
    )

    done, event = fulfilled(ORDER, licence, NOW)

    assert (done.status, done.version) == (OrderStatus.FULFILLED, 2)
    assert (done.licence_id, done.tenant_id) == ("l-1", "123456.sms")
    assert (event.order_id, event.licence_id) == ("o-1", "l-1")


def test_a_rejected_order_tells_the_reason() -> None:
    done, event = rejected(ORDER, "reseller_not_authorised", NOW)

    assert (done.status, done.reason) == (OrderStatus.REJECTED, "reseller_not_authorised")
    assert event.reason == "reseller_not_authorised"
    assert not done.is_open


def test_an_order_takes_each_step_once() -> None:
    first = set_up(ORDER, "123456.sms", NOW)

    again = set_up(first, "123456.sms", NOW + timedelta(days=1))

    assert again == first
    assert first.steps == ((OrderStep.CUSTOMER_SET_UP, NOW),)
