"""Carrying a licence on: renewal, extension of a trial, purchase of a trial."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.licensing.domain.licences import OVER, Licence, LicenceState, state
from services.licensing.domain.products import LicenceModel, known_product
from services.licensing.domain.terms import TRIAL_DAYS, end_of_days, end_of_term, today
from shared.errors import ConflictError

MOST_EXTENSIONS: Final = 2
MOST_MONTHS_AHEAD: Final = 120
_GONE: Final = frozenset({LicenceState.EXPIRED, LicenceState.ARCHIVED})


class RenewalStart(StrEnum):
    """Where the new term begins."""

    END = "end"
    """On the day after the last one, so that no day is lost or given away."""
    NOW = "now"
    """Today, whatever is left."""
    NOW_IF_EXPIRED = "now_if_expired"
    """Today where the licence has expired, else as END; days of grace were days of use."""


class LicenceOverError(ConflictError):
    code = "licence_over"
    detail = "This licence is archived, cancelled or revoked. Order another one."


class NotRenewableError(ConflictError):
    code = "licence_not_renewable"
    detail = "A licence of this model has no term to renew."


class RenewalTooShortError(ConflictError):
    code = "renewal_too_short"
    detail = "The licence would not end later than it does now, or would end before today."


class RenewalTooLongError(ConflictError):
    code = "renewal_too_long"
    detail = f"A licence ends at most {MOST_MONTHS_AHEAD} months from now."


class NotATrialError(ConflictError):
    code = "not_a_trial"
    detail = "This licence is not a trial."


class TrialExtendedError(ConflictError):
    code = "trial_extended_enough"
    detail = f"A trial is extended at most {MOST_EXTENSIONS} times."


def must_not_be_over(licence: Licence, now: datetime) -> None:
    """Raise LicenceOverError where nothing brings the licence back."""
    if state(licence, now) in OVER or licence.cancelled_at is not None:
        raise LicenceOverError


def renewed(licence: Licence, months: int, start: RenewalStart, now: datetime) -> Licence:
    """The licence with another term of so many months."""
    must_not_be_over(licence, now)
    if licence.ends_on is None or licence.model is LicenceModel.TRIAL:
        raise NotRenewableError
    day, has_expired = today(now), state(licence, now) in _GONE
    starts_now = start is RenewalStart.NOW or (start is RenewalStart.NOW_IF_EXPIRED and has_expired)
    begins_on = day if starts_now else licence.ends_on + timedelta(days=1)
    ends_on = end_of_term(begins_on, months)
    if ends_on <= licence.ends_on or ends_on < day:
        raise RenewalTooShortError
    if ends_on > end_of_term(day, MOST_MONTHS_AHEAD):
        raise RenewalTooLongError
    starts_on = day if starts_now and licence.ends_on < day else licence.starts_on
    return replace(licence, starts_on=starts_on, ends_on=ends_on)


def extended(licence: Licence, now: datetime) -> Licence:
    """The trial with another 30 days, from its end or, where it has expired, from today."""
    must_not_be_over(licence, now)
    if licence.model is not LicenceModel.TRIAL or licence.ends_on is None:
        raise NotATrialError
    if licence.extensions >= MOST_EXTENSIONS:
        raise TrialExtendedError
    has_expired = state(licence, now) in _GONE
    begins_on = today(now) if has_expired else licence.ends_on + timedelta(days=1)
    return replace(
        licence,
        starts_on=begins_on if has_expired else licence.starts_on,
        ends_on=end_of_days(begins_on, TRIAL_DAYS),
        extensions=licence.extensions + 1,
    )


def trial_end(starts_on: date) -> date:
    return end_of_days(starts_on, TRIAL_DAYS)


def nfr_end(product_id: str, starts_on: date) -> date:
    """A reseller's own licence runs for the shortest term of its product."""
    return end_of_term(starts_on, min(known_product(product_id).terms_months))
