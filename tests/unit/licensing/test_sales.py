"""What may be sold to whom, and what comes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.licensing.domain.licences import Licence
from services.licensing.domain.orders import Order, Terms
from services.licensing.domain.products import PRODUCTS, LicenceModel
from services.licensing.domain.sales import (
    AddOnAloneError,
    ModelNotOfferedError,
    NothingToCoTermError,
    TrialUsedError,
    licence_for,
    must_be_whole,
)
from shared.errors import DomainError, InvalidError

NOW = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # half past midnight on the tenth in Berlin
MSP, TRIAL, NFR = LicenceModel.MSP, LicenceModel.TRIAL, LicenceModel.NFR


def sold(terms: Terms, *held: Licence) -> Licence:
    order = Order(id="o-1", reseller_id="100001.rsp", terms=terms, placed_at=NOW)
    return licence_for(
        order,
        held,
        tenant_id="123456.sms",
        reseller_number="K-17",
        licence_id="l-1",
        key="k",
        now=NOW,
    )


@pytest.mark.parametrize(
    ("terms", "seats", "ends_on"),
    [
        pytest.param(Terms("mdm", 25, 12), 25, date(2027, 3, 9), id="term"),
        pytest.param(Terms("mdm", None, None, MSP), None, None, id="by use"),
        pytest.param(Terms("mdm", 5, None, TRIAL), 5, date(2026, 4, 8), id="30 days"),
        pytest.param(Terms("mdm", 5, None, NFR), 5, date(2027, 3, 9), id="own use"),
    ],
)
def test_a_licence_starts_today_and_runs_as_its_model_says(
    terms: Terms, seats: int | None, ends_on: date | None
) -> None:
    licence = sold(terms)

    assert (licence.starts_on, licence.ends_on) == (date(2026, 3, 10), ends_on)
    assert (licence.seats, licence.model) == (seats, terms.model)
    assert (licence.order_id, licence.reseller_number) == ("o-1", "K-17")


def test_a_licence_may_start_later_but_never_in_the_past() -> None:
    later = sold(Terms("mdm", 5, 12, starts_on=date(2026, 4, 1)))
    overtaken = sold(Terms("mdm", 5, 12, starts_on=date(2026, 3, 1)))

    assert (later.starts_on, later.ends_on) == (date(2026, 4, 1), date(2027, 3, 31))
    assert overtaken.starts_on == date(2026, 3, 10)


def test_a_second_licence_may_end_with_the_one_that_ends_last() -> None:
    near = sold(Terms("mdm", 5, 12))
    far = sold(Terms("mdm", 5, 36))
    other = sold(Terms("mobile-security", 5, 60))

    second = sold(Terms("mdm", 3, None, co_term=True), near, far, other)

    assert second.ends_on == far.ends_on == date(2029, 3, 9)


def test_there_is_nothing_to_end_with_but_a_valid_bought_licence_of_the_product() -> None:
    terms = Terms("mdm", 3, None, co_term=True)
    held = [
        sold(Terms("mobile-security", 5, 12)),
        sold(Terms("mdm", 5, None, TRIAL)),
        replace(sold(Terms("mdm", 5, 12)), suspended_at=NOW),
        replace(sold(Terms("mdm", 5, 12)), ends_on=date(2026, 3, 9)),
    ]

    with pytest.raises(NothingToCoTermError):
        sold(terms, *held)


def test_an_add_on_needs_a_valid_licence_of_another_product() -> None:
    terms = Terms("unified-report", 5, 12)
    base = sold(Terms("mdm", 5, 12))
    add_on = sold(terms, base)

    for held in ([], [add_on], [replace(base, revoked_at=NOW)]):
        with pytest.raises(AddOnAloneError):
            sold(terms, *held)


def test_a_customer_tries_a_product_once() -> None:
    terms = Terms("mdm", 5, None, TRIAL)
    tried = replace(sold(terms), ends_on=date(2025, 1, 1))

    with pytest.raises(TrialUsedError):
        sold(terms, tried)
    assert sold(replace(terms, product="mobile-security"), tried).is_tried


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"seats": None}, id="a term without seats"),
        pytest.param({"term_months": None}, id="a term without months"),
        pytest.param({"term_months": 13}, id="no such term"),
        pytest.param({"co_term": True}, id="two ends"),
        pytest.param({"model": MSP}, id="use with seats and months"),
        pytest.param({"model": MSP, "term_months": None}, id="use with seats"),
        pytest.param({"model": TRIAL}, id="a trial with months"),
        pytest.param({"model": TRIAL, "term_months": None, "co_term": True}, id="a trial's end"),
        pytest.param({"starts_on": date(2026, 3, 9)}, id="yesterday"),
        pytest.param({"starts_on": date(2027, 3, 12)}, id="in more than a year"),
    ],
)
def test_what_contradicts_itself_is_not_sold(changes: dict[str, Any]) -> None:
    terms = replace(Terms("mdm", 5, 12), **changes)

    with pytest.raises(InvalidError) as refused:
        must_be_whole(terms, is_new_customer=False, now=NOW)

    assert refused.value.fields


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        (Terms("unified-report", 5, None, TRIAL), ModelNotOfferedError),
        (Terms("unified-report", 5, 12), AddOnAloneError),
        (Terms("mdm", 5, None, co_term=True), NothingToCoTermError),
    ],
)
def test_what_only_an_old_customer_could_have_is_not_sold_to_a_new_one(
    terms: Terms, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        must_be_whole(terms, is_new_customer=True, now=NOW)


def test_every_product_is_sold_in_every_model_and_term_that_it_names() -> None:
    base = replace(sold(Terms("mdm", 1, 60)), created_at=NOW - timedelta(days=1))

    for product in PRODUCTS:
        for months in product.terms_months:
            assert sold(Terms(product.id, 1, months), base).is_valid(NOW)
        for model in set(product.models) - {LicenceModel.TERM}:
            seats = None if model is MSP else 1
            terms = Terms(product.id, seats, None, model)
            must_be_whole(terms, is_new_customer=False, now=NOW)
            assert sold(terms, base).is_valid(NOW)
