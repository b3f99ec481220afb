"""What may be done to a licence besides renewing it: seats, purchase, suspension, end, customer."""

from dataclasses import replace
from datetime import date, datetime

from services.licensing.domain.licences import Entitlement, Licence, LicenceState, state
from services.licensing.domain.moments import share_in_use
from services.licensing.domain.products import FEATURES, LicenceModel
from services.licensing.domain.renewals import (
    MOST_MONTHS_AHEAD,
    NotATrialError,
    must_not_be_over,
)
from services.licensing.domain.terms import end_of, end_of_term, today
from shared.errors import ConflictError, InvalidError


class LicenceExpiredError(ConflictError):
    code = "licence_expired"
    detail = "This licence has expired. Renew it first."


class NoSeatsToResizeError(ConflictError):
    code = "no_seats_to_resize"
    detail = "A licence that is billed by use has no limit of seats."


class SeatsInUseError(ConflictError):
    code = "seats_in_use"
    detail = "More devices than that have a seat. Remove some of them first."


class NotSuspendedError(ConflictError):
    code = "licence_not_suspended"
    detail = "This licence is not suspended."


class CancellationDayError(InvalidError):
    code = "cancellation_day"
    pointer = "#/body/ends_on"
    detail = (
        "A licence is cancelled from now on, or as of a day from today to its last one; where it "
        "has none, within ten years."
    )


class UnknownFeatureError(InvalidError):
    code = "unknown_feature"
    pointer = "#/body/feature"
    detail = "No product has this feature."


class EntitlementDayError(InvalidError):
    code = "entitlement_day"
    pointer = "#/body/ends_on"
    detail = "A feature is given up to a day from today on, within ten years."


class NotByUseError(ConflictError):
    code = "not_by_use"
    detail = "Only of a licence that is billed by use devices can be free."


class CarryOverDayError(InvalidError):
    code = "carry_over_day"
    pointer = "#/body/free_until"
    detail = "Devices are free up to a day from today on, within ten years."


class SameCustomerError(ConflictError):
    code = "same_customer"
    detail = "The licence belongs to this customer already."


class OwnLicenceError(ConflictError):
    code = "own_licence"
    detail = "A reseller's own licence is not for a customer."


def resized(licence: Licence, seats: int, now: datetime) -> Licence:
    """The licence with so many seats; never fewer than are in use."""
    _must_run(licence, now)
    if licence.seats is None:
        raise NoSeatsToResizeError
    if seats < licence.seats_used:
        raise SeatsInUseError
    return replace(licence, seats=seats, announced_share=share_in_use(licence.seats_used, seats))


def bought(licence: Licence, months: int | None, seats: int | None, now: datetime) -> Licence:
    """What a trial becomes: a term from today, or without one a licence that is billed by use."""
    must_not_be_over(licence, now)
    if licence.model is not LicenceModel.TRIAL:
        raise NotATrialError
    if seats is not None and seats < licence.seats_used:
        raise SeatsInUseError
    day = today(now)
    model = LicenceModel.MSP if months is None else LicenceModel.TERM
    return replace(
        licence,
        model=model,
        seats=seats,
        announced_share=share_in_use(licence.seats_used, seats),
        starts_on=min(licence.starts_on, day) if licence.is_valid(now) else day,
        ends_on=None if months is None else end_of_term(day, months),
    )


def suspended(licence: Licence, now: datetime) -> Licence:
    """The licence without any effect until it is resumed; its time runs on."""
    _must_run(licence, now)
    return licence if licence.suspended_at else replace(licence, suspended_at=now)


def resumed(licence: Licence, now: datetime) -> Licence:
    must_not_be_over(licence, now)
    if licence.suspended_at is None:
        raise NotSuspendedError
    return replace(licence, suspended_at=None)


def revoked(licence: Licence, now: datetime) -> Licence:
    """The licence taken back for good, from now on."""
    if state(licence, now) is LicenceState.REVOKED:
        return licence
    return replace(licence, revoked_at=now)


def cancelled(licence: Licence, last_day: date | None, now: datetime) -> Licence:
    """The licence ended for good: from now on, or after a last day that is then a whole one."""
    must_not_be_over(licence, now)
    if last_day is None:
        return replace(licence, ends_on=_earlier(licence.ends_on, today(now)), cancelled_at=now)
    if not today(now) <= last_day <= (licence.ends_on or _furthest(now)):
        raise CancellationDayError
    return replace(licence, ends_on=last_day, cancelled_at=end_of(last_day))


def entitled(licence: Licence, feature: str, last_day: date | None, now: datetime) -> Licence:
    """The licence with this feature, to its own end or up to a last day before that."""
    must_not_be_over(licence, now)
    if feature not in FEATURES:
        raise UnknownFeatureError
    if last_day is not None and not today(now) <= last_day <= _furthest(now):
        raise EntitlementDayError
    others = (each for each in licence.entitlements if each.feature != feature)
    return replace(licence, entitlements=(*others, Entitlement(feature, last_day)))


def transferred(licence: Licence, tenant_id: str, key: str, now: datetime) -> Licence:
    """The licence of another customer, under another key, since the former one knows the old."""
    _must_run(licence, now)
    if licence.tenant_id == tenant_id:
        raise SameCustomerError
    if licence.model is LicenceModel.NFR:
        raise OwnLicenceError
    if licence.seats_used:
        raise SeatsInUseError
    return replace(licence, tenant_id=tenant_id, key=key)


def handed_over(licence: Licence, reseller_id: str) -> Licence:
    """The licence of another reseller, with nothing of the former one's own: its numbers."""
    if licence.reseller_id == reseller_id:
        return licence
    return replace(licence, reseller_id=reseller_id, reseller_number=None, order_number=None)


def carried_over(licence: Licence, units: int, until: date, now: datetime) -> Licence:
    """The licence with so many devices free up to a day, for the rest of a term paid before."""
    must_not_be_over(licence, now)
    if licence.model is not LicenceModel.MSP:
        raise NotByUseError
    if not today(now) <= until <= _furthest(now):
        raise CarryOverDayError
    return replace(licence, free_units=units, free_until=until)


def _must_run(licence: Licence, now: datetime) -> None:
    must_not_be_over(licence, now)
    if state(licence, now) is LicenceState.EXPIRED:
        raise LicenceExpiredError


def _furthest(now: datetime) -> date:
    """No day is set that lies further ahead; the calendar ends with the year 9999."""
    return end_of_term(today(now), MOST_MONTHS_AHEAD)


def _earlier(known: date | None, day: date) -> date:
    return day if known is None else min(known, day)
