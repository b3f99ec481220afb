"""When a licence is to be looked at, and what there is to tell then."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.licensing.domain.licences import Licence
from services.licensing.domain.moments import (
    end_to_announce,
    has_passed,
    next_moment,
    seats_to_announce,
    share_in_use,
)
from services.licensing.domain.products import LicenceModel
from tests.support.licences import a_licence

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LICENCE = a_licence(seats=10)


def walked(licence: Licence) -> list[tuple[datetime, int | None, bool]]:
    """Every moment of a licence: when it is, what is announced, whether the state passes."""
    found = []
    while (at := next_moment(licence)) is not None:
        announced = end_to_announce(licence, "Acme", at)
        days_left = announced.days_left if announced else None
        found.append((at, days_left, has_passed(licence, at)))
        licence = replace(licence, noticed_at=at)
    return found


def test_a_licence_is_looked_at_for_each_reminder_and_each_state_and_then_no_more() -> None:
    found = walked(LICENCE)

    assert [days for _, days, _ in found if days is not None] == [60, 30, 14, 7, 1]
    assert [f"{at:%Y-%m-%d %H:%M}" for at, _, has in found if has] == [
        "2027-02-06 23:00",  # expiring
        "2027-03-09 23:00",  # in grace
        "2027-04-08 22:00",  # expired
        "2027-07-07 22:00",  # archived
    ]
    assert [at.hour for at, days, _ in found if days is not None] == [7] * 5  # eight in Berlin
    assert len(found) == 9


def test_of_several_reminders_that_were_missed_only_the_last_is_told() -> None:
    late = datetime(2027, 3, 3, 6, 30, tzinfo=UTC)  # after 60, 30, 14 and 7 days

    told = end_to_announce(LICENCE, "Acme", late)
    again = end_to_announce(replace(LICENCE, noticed_at=late), "Acme", late + timedelta(hours=1))

    assert told is not None
    assert (told.days_left, told.ends_on) == (6, date(2027, 3, 9))
    assert again is None


def test_nothing_is_told_after_a_renewal_however_late_the_clock_is() -> None:
    renewed = replace(LICENCE, ends_on=date(2028, 3, 9))

    assert end_to_announce(renewed, "Acme", datetime(2027, 3, 8, 12, tzinfo=UTC)) is None
    assert next_moment(renewed) == datetime(2028, 1, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "licence",
    [
        pytest.param(replace(LICENCE, revoked_at=NOON), id="revoked"),
        pytest.param(replace(LICENCE, suspended_at=NOON), id="suspended"),
        pytest.param(
            replace(LICENCE, cancelled_at=datetime(2027, 3, 9, 23, tzinfo=UTC)), id="cancelled"
        ),
        pytest.param(replace(LICENCE, model=LicenceModel.MSP, ends_on=None), id="open-ended"),
    ],
)
def test_no_end_is_announced_of_what_nobody_would_renew(licence: Licence) -> None:
    assert [days for _, days, _ in walked(licence) if days is not None] == []


def test_an_end_that_has_come_is_announced_no_more() -> None:
    assert end_to_announce(LICENCE, "Acme", datetime(2027, 3, 10, 12, tzinfo=UTC)) is None


def test_the_time_of_a_suspended_licence_runs_on() -> None:
    found = walked(replace(LICENCE, suspended_at=NOON, noticed_at=NOON))

    passed = [at.date() for at, _, has in found if has]
    assert passed == [date(2027, 4, 8), date(2027, 7, 7)]  # expired, archived


def test_a_licence_ordered_ahead_is_looked_at_when_it_starts() -> None:
    found = walked(replace(LICENCE, starts_on=date(2026, 5, 1)))

    assert found[0] == (datetime(2026, 4, 30, 22, tzinfo=UTC), None, True)


def test_every_end_of_four_years_is_announced_at_eight_in_berlin_five_times() -> None:
    for offset in range(4 * 366):
        licence = replace(LICENCE, ends_on=date(2026, 6, 1) + offset * DAY)
        told = [days for _, days, _ in walked(licence) if days is not None]

        assert told == [60, 30, 14, 7, 1]


@pytest.mark.parametrize(
    ("used", "seats", "share"),
    [(8, 10, 0), (9, 10, 90), (10, 10, 100), (11, 10, 100), (0, 1, 0), (1, 1, 100), (5, None, 0)],
)
def test_seats_run_out_at_ninety_percent_and_at_all(
    used: int, seats: int | None, share: int
) -> None:
    assert share_in_use(used, seats) == share


def test_a_share_is_announced_once_for_so_many_seats() -> None:
    at_ninety = seats_to_announce(LICENCE, 9, "Acme")
    again = seats_to_announce(replace(LICENCE, announced_share=90), 9, "Acme")
    full = seats_to_announce(replace(LICENCE, announced_share=90), 10, "Acme")

    assert at_ninety is not None
    assert (at_ninety.share, at_ninety.seats_used) == (90, 9)
    assert again is None
    assert full is not None
