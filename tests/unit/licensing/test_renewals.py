"""Carrying licences on, and what may be done to them besides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.licensing.domain import changes
from services.licensing.domain.licences import Licence
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.renewals import (
    LicenceOverError,
    NotATrialError,
    NotRenewableError,
    RenewalStart,
    RenewalTooLongError,
    RenewalTooShortError,
    TrialExtendedError,
    extended,
    renewed,
)
from shared.errors import DomainError
from tests.support.licences import a_licence

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LICENCE = a_licence(seats=10, seats_used=4)
TRIAL = replace(
    LICENCE, model=LicenceModel.TRIAL, is_tried=True, ends_on=date(2026, 4, 8), seats_used=0
)
OPEN = replace(LICENCE, model=LicenceModel.MSP, seats=None, ends_on=None)
END, NOW, IF_EXPIRED = RenewalStart.END, RenewalStart.NOW, RenewalStart.NOW_IF_EXPIRED


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00+00:00")


@pytest.mark.parametrize(
    ("start", "at", "starts_on", "ends_on"),
    [
        pytest.param(END, "2026-12-01", "2026-03-10", "2028-03-09", id="no day is lost"),
        pytest.param(END, "2027-03-20", "2026-03-10", "2028-03-09", id="grace is paid for"),
        pytest.param(NOW, "2026-12-01", "2026-03-10", "2027-11-30", id="from today"),
        pytest.param(NOW, "2027-03-20", "2027-03-20", "2028-03-19", id="from today, in grace"),
        pytest.param(IF_EXPIRED, "2026-12-01", "2026-03-10", "2028-03-09", id="runs: from its end"),
        pytest.param(
            IF_EXPIRED, "2027-03-20", "2026-03-10", "2028-03-09", id="grace: from its end"
        ),
        pytest.param(
            IF_EXPIRED, "2027-05-01", "2027-05-01", "2028-04-30", id="expired: from today"
        ),
    ],
)
def test_a_renewal_starts_where_it_is_told_to(
    start: RenewalStart, at: str, starts_on: str, ends_on: str
) -> None:
    found = renewed(LICENCE, 12, start, on(at))

    assert found.starts_on == date.fromisoformat(starts_on)
    assert found.ends_on == date.fromisoformat(ends_on)


def test_a_renewal_from_the_end_follows_without_a_gap_whatever_the_day() -> None:
    for offset in range(4 * 366):
        ends_on = date(2026, 4, 1) + offset * DAY
        licence = replace(LICENCE, ends_on=ends_on)
        found = renewed(licence, 12, END, NOON)

        assert found.ends_on is not None
        assert found.ends_on - ends_on in {365 * DAY, 366 * DAY}
        twice = renewed(found, 12, END, NOON)
        at_once = renewed(licence, 24, END, NOON)
        assert twice.ends_on is not None
        assert at_once.ends_on is not None
        assert abs(twice.ends_on - at_once.ends_on) <= DAY  # a leap day between, at most


@pytest.mark.parametrize(
    ("licence", "act", "error"),
    [
        pytest.param(
            replace(LICENCE, ends_on=date(2029, 3, 9)),
            lambda found: renewed(found, 12, NOW, NOON),
            RenewalTooShortError,
            id="that would shorten it",
        ),
        pytest.param(
            LICENCE,
            lambda found: renewed(found, 12, END, on("2028-03-10")),
            LicenceOverError,
            id="archived",
        ),
        pytest.param(
            replace(LICENCE, ends_on=date(2035, 12, 31)),
            lambda found: renewed(found, 12, END, NOON),
            RenewalTooLongError,
            id="more than ten years ahead",
        ),
        pytest.param(
            OPEN, lambda found: renewed(found, 12, END, NOON), NotRenewableError, id="open"
        ),
        pytest.param(
            TRIAL, lambda found: renewed(found, 12, END, NOON), NotRenewableError, id="trial"
        ),
        pytest.param(LICENCE, lambda found: extended(found, NOON), NotATrialError, id="no trial"),
        pytest.param(
            replace(TRIAL, extensions=2),
            lambda found: extended(found, NOON),
            TrialExtendedError,
            id="extended twice",
        ),
        pytest.param(
            LICENCE, lambda found: changes.bought(found, 12, 5, NOON), NotATrialError, id="bought"
        ),
        pytest.param(
            replace(TRIAL, seats_used=6),
            lambda found: changes.bought(found, 12, 5, NOON),
            changes.SeatsInUseError,
            id="bought too small",
        ),
        pytest.param(
            LICENCE,
            lambda found: changes.resized(found, 3, NOON),
            changes.SeatsInUseError,
            id="in use",
        ),
        pytest.param(
            OPEN,
            lambda found: changes.resized(found, 9, NOON),
            changes.NoSeatsToResizeError,
            id="use",
        ),
        pytest.param(
            LICENCE,
            lambda found: changes.resized(found, 20, on("2027-05-01")),
            changes.LicenceExpiredError,
            id="expired",
        ),
        pytest.param(
            LICENCE,
            lambda found: changes.resumed(found, NOON),
            changes.NotSuspendedError,
            id="runs",
        ),
        pytest.param(
            LICENCE,
            lambda found: changes.cancelled(found, date(2026, 3, 9), NOON),
            changes.CancellationDayError,
            id="cancelled yesterday",
        ),
        pytest.param(
            LICENCE,
            lambda found: changes.cancelled(found, date(2027, 3, 10), NOON),
            changes.CancellationDayError,
            id="cancelled after its end",
        ),
        pytest.param(
            LICENCE,
            lambda found: changes.transferred(found, "123457.sms", "k2", NOON),
            changes.SeatsInUseError,
            id="devices don't move",
        ),
        pytest.param(
            replace(LICENCE, model=LicenceModel.NFR, seats_used=0),
            lambda found: changes.transferred(found, "123457.sms", "k2", NOON),
            changes.OwnLicenceError,
            id="own use",
        ),
    ],
)
def test_what_a_licence_does_not_allow_is_refused(
    licence: Licence, act: Callable[[Licence], Licence], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        act(licence)


@pytest.mark.parametrize(
    "over",
    [{"revoked_at": NOON}, {"cancelled_at": NOON}, {"cancelled_at": NOON + 30 * DAY}],
)
def test_nothing_brings_back_what_has_ended_for_good(over: dict[str, Any]) -> None:
    licence = replace(TRIAL, **over)
    acts: list[Callable[[], Licence]] = [
        lambda: renewed(licence, 12, NOW, NOON),
        lambda: extended(licence, NOON),
        lambda: changes.bought(licence, 12, 5, NOON),
        lambda: changes.resized(licence, 20, NOON),
        lambda: changes.suspended(licence, NOON),
        lambda: changes.resumed(licence, NOON),
        lambda: changes.cancelled(licence, None, NOON),
        lambda: changes.transferred(licence, "123457.sms", "k2", NOON),
    ]

    for act in acts:
        with pytest.raises(LicenceOverError):
            act()


def test_a_trial_runs_for_three_times_thirty_days_at_most() -> None:
    once = extended(TRIAL, NOON)
    twice = extended(once, NOON)

    assert TRIAL.ends_on is not None
    assert once.ends_on == TRIAL.ends_on + 30 * DAY
    assert twice.ends_on == TRIAL.ends_on + 60 * DAY


def test_a_trial_that_has_expired_is_extended_from_today() -> None:
    found = extended(TRIAL, on("2026-06-01"))

    assert (found.starts_on, found.ends_on) == (date(2026, 6, 1), date(2026, 6, 30))


def test_what_was_tried_is_bought_for_a_term_or_by_use() -> None:
    term = changes.bought(TRIAL, 12, 20, on("2026-03-20"))
    by_use = changes.bought(TRIAL, None, None, on("2026-03-20"))

    assert (term.model, term.seats, term.ends_on) == (LicenceModel.TERM, 20, date(2027, 3, 19))
    assert (by_use.model, by_use.seats, by_use.ends_on) == (LicenceModel.MSP, None, None)
    assert term.is_tried


def test_what_is_cancelled_at_once_ends_today_and_not_later_than_it_would_have() -> None:
    running = changes.cancelled(OPEN, None, NOON)
    expired = changes.cancelled(LICENCE, None, on("2027-05-01"))

    assert (running.ends_on, running.is_valid(NOON)) == (date(2026, 3, 10), False)
    assert expired.ends_on == LICENCE.ends_on


def test_what_is_cancelled_after_a_day_is_valid_to_its_last_second() -> None:
    found = changes.cancelled(OPEN, date(2026, 3, 31), NOON)
    midnight = datetime(2026, 3, 31, 22, tzinfo=UTC)

    assert found.is_valid(midnight - timedelta(seconds=1))
    assert not found.is_valid(midnight)


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(9999, 9, 1), date(2036, 3, 10)], ids=str)
def test_no_day_is_set_that_the_calendar_has_no_room_behind(day: date) -> None:
    with pytest.raises(changes.CancellationDayError):
        changes.cancelled(OPEN, day, NOON)
    with pytest.raises(changes.EntitlementDayError):
        changes.entitled(OPEN, "vpn", day, NOON)
    with pytest.raises(changes.CarryOverDayError):
        changes.carried_over(OPEN, 5, day, NOON)


def test_an_open_ended_licence_is_cancelled_as_of_any_day_within_ten_years() -> None:
    day = date(2036, 3, 9)

    assert changes.cancelled(OPEN, day, NOON).ends_on == day


def test_what_was_announced_of_a_trials_seats_does_not_count_for_those_bought() -> None:
    trial = replace(TRIAL, seats=10, seats_used=9, announced_share=90)

    assert changes.bought(trial, 12, 100, NOON).announced_share == 0
    assert changes.bought(trial, 12, 9, NOON).announced_share == 100
