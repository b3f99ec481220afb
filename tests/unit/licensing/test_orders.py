"""From an order to a licence, or to a reason."""

from datetime import UTC, date, datetime

from services.licensing.domain.orders import (
    Order,
    OrderStatus,
    fulfilled,
    licence_for,
    rejected,
)
from shared.contracts.licensing import NewCustomer

NOW = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # half past midnight on the tenth in Berlin
ORDER = Order(
    id="o-1",
    reseller_id="100001.rsp",
    product="mobile-security",
    seats=25,
    term_months=12,
    placed_at=NOW,
)
CUSTOMER = NewCustomer(
    name="Acme",
    locale="de",
    admin_username="ada",
    admin_email="ada@acme.example",
    admin_display_name="Ada",
)


def test_a_licence_starts_today_and_has_what_was_ordered() -> None:
    licence = licence_for(ORDER, tenant_id="123456.sms", licence_id="l-1", key="k", now=NOW)

    assert (licence.starts_on, licence.ends_on) == (date(2026, 3, 10), date(2027, 3, 9))
    assert (licence.product, licence.seats) == ("mobile-security", 25)
    assert (licence.tenant_id, licence.reseller_id) == ("123456.sms", "100001.rsp")


def test_a_fulfilled_order_names_its_licence_and_customer() -> None:
    licence = licence_for(ORDER, tenant_id="123456.sms", licence_id="l-1", key="k", now=NOW)

    done, event = fulfilled(ORDER, licence)

    assert (done.status, done.version) == (OrderStatus.FULFILLED, 2)
    assert (done.licence_id, done.tenant_id) == ("l-1", "123456.sms")
    assert (event.order_id, event.licence_id) == ("o-1", "l-1")


def test_a_rejected_order_tells_the_reason() -> None:
    done, event = rejected(ORDER, "reseller_not_authorised")

    assert (done.status, done.reason) == (OrderStatus.REJECTED, "reseller_not_authorised")
    assert event.reason == "reseller_not_authorised"
    assert not done.is_open
