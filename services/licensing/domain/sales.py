"""From a wish to a licence: what may be sold to whom, and what comes of it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.licensing.domain.licences import Entitlement, Licence
from services.licensing.domain.orders import Order, Terms
from services.licensing.domain.products import LicenceModel, Product, known_product
from services.licensing.domain.renewals import nfr_end, trial_end
from services.licensing.domain.terms import end_of_term, today
from shared.errors import ConflictError, FieldError, InvalidError

_LONGEST_WAIT: Final = timedelta(days=366)


class ModelNotOfferedError(InvalidError):
    code = "model_not_offered"
    pointer = "#/body/model"
    detail = "The product is not sold in this model."


class AddOnAloneError(ConflictError):
    code = "add_on_alone"
    detail = "This add-on is for customers who hold a valid licence of another product."


class NothingToCoTermError(ConflictError):
    code = "nothing_to_co_term"
    detail = "The customer has no bought licence of this product that still runs."


class TrialUsedError(ConflictError):
    code = "trial_used"
    detail = "This customer has tried the product already."


class NotOwnTenantError(ConflictError):
    code = "not_own_tenant"
    detail = "Licences for the own use are for the one tenant that the first of them was for."


def must_be_whole(terms: Terms, *, is_new_customer: bool, now: datetime) -> None:
    """Refuse what no customer could be sold."""
    product = known_product(terms.product)
    if terms.model not in product.models:
        raise ModelNotOfferedError
    flaws = list(_flaws(terms, product, today(now)))
    if flaws:
        raise InvalidError(fields=flaws)
    if is_new_customer and product.is_add_on:
        raise AddOnAloneError
    if is_new_customer and terms.co_term:
        raise NothingToCoTermError


def _flaws(terms: Terms, product: Product, day: date) -> Iterator[FieldError]:
    is_term = terms.model is LicenceModel.TERM
    if (terms.seats is None) is not (terms.model is LicenceModel.MSP):
        yield FieldError("#/body/seats", "seats", "Every model but `msp` has seats.")
    if (terms.term_months is not None) is not (is_term and not terms.co_term):
        detail = "A `term` has months, or ends with another licence; other models have none."
        yield FieldError("#/body/term_months", "term_months", detail)
    if terms.term_months not in {None, *product.terms_months}:
        yield FieldError("#/body/term_months", "enum", "The product has no such term.")
    if terms.co_term and not is_term:
        yield FieldError("#/body/co_term", "co_term", "Only a `term` ends with another.")
    if terms.starts_on is not None and not day <= terms.starts_on <= day + _LONGEST_WAIT:
        yield FieldError("#/body/starts_on", "starts_on", "It starts today or within a year.")


def depends_on_others(terms: Terms) -> bool:
    """Whether what the customer holds already matters."""
    is_add_on = known_product(terms.product).is_add_on
    return is_add_on or terms.co_term or terms.model is LicenceModel.TRIAL


def licence_for(  # noqa: PLR0913 what a licence is made of, each with its name
    order: Order,
    held: Sequence[Licence],
    *,
    tenant_id: str,
    reseller_number: str | None,
    licence_id: str,
    key: str,
    now: datetime,
) -> Licence:
    """The licence that an order asks for, for a customer who holds these already."""
    terms, product = order.terms, known_product(order.terms.product)
    if product.is_add_on and not any(
        each.is_valid(now) and not known_product(each.product).is_add_on for each in held
    ):
        raise AddOnAloneError
    is_trial = terms.model is LicenceModel.TRIAL
    if is_trial and any(each.is_tried and each.product == product.id for each in held):
        raise TrialUsedError
    starts_on = max(terms.starts_on or today(now), today(now))
    return Licence(
        id=licence_id,
        key=key,
        product=product.id,
        model=terms.model,
        seats=terms.seats,
        starts_on=starts_on,
        ends_on=_end(terms, starts_on, held, now),
        tenant_id=tenant_id,
        reseller_id=order.reseller_id,
        entitlements=tuple(map(Entitlement, product.entitlements)),
        order_id=order.id,
        order_number=terms.order_number,
        reseller_number=reseller_number,
        is_tried=is_trial,
        drawn=order.drawn,
        created_at=now,
    )


def _end(terms: Terms, starts_on: date, held: Sequence[Licence], now: datetime) -> date | None:
    if terms.co_term:
        return _common_end(terms.product, starts_on, held, now)
    match terms.model:
        case LicenceModel.MSP:
            return None
        case LicenceModel.TRIAL:
            return trial_end(starts_on)
        case LicenceModel.NFR:
            return nfr_end(terms.product, starts_on)
        case LicenceModel.TERM:
            return end_of_term(starts_on, terms.term_months or 0)


def _common_end(product: str, starts_on: date, held: Sequence[Licence], now: datetime) -> date:
    """The last day of the customer's licence of this product that ends last."""
    ends = [
        each.ends_on
        for each in held
        if each.product == product
        and each.model is LicenceModel.TERM
        and each.is_valid(now)
        and each.ends_on is not None
        and each.ends_on >= starts_on
    ]
    if not ends:
        raise NothingToCoTermError
    return max(ends)
