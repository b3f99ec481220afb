"""The calendar of licences: days in Berlin, the last one included."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.licensing.domain.terms import (
    BERLIN,
    archived_at,
    end_of,
    end_of_term,
    midnight,
    timeline,
    today,
)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        pytest.param(date(2026, 3, 10), 12, date(2027, 3, 9), id="a year"),
        pytest.param(date(2026, 3, 10), 60, date(2031, 3, 9), id="five years"),
        pytest.param(date(2026, 1, 1), 12, date(2026, 12, 31), id="a calendar year"),
        pytest.param(date(2026, 12, 1), 1, date(2026, 12, 31), id="over the end of the year"),
        pytest.param(date(2026, 1, 31), 1, date(2026, 2, 28), id="no such day in February"),
        pytest.param(date(2026, 1, 29), 1, date(2026, 2, 28), id="the first day there is not"),
        pytest.param(date(2026, 3, 31), 1, date(2026, 4, 30), id="no 31st in April"),
        pytest.param(date(2028, 1, 30), 1, date(2028, 2, 29), id="into a leap February"),
        pytest.param(date(2028, 2, 29), 12, date(2029, 2, 28), id="a year from a leap day"),
        pytest.param(date(2028, 2, 29), 48, date(2032, 2, 28), id="leap day to leap day"),
        pytest.param(date(2027, 3, 1), 12, date(2028, 2, 29), id="a year that ends on a leap day"),
    ],
)
def test_a_term_is_whole_months_and_its_first_day_counts(
    start: date, months: int, end: date
) -> None:
    assert end_of_term(start, months) == end


def test_days_begin_at_midnight_in_berlin() -> None:
    found = timeline(date(2026, 3, 10), date(2027, 3, 9))

    assert found.starts_at == datetime(2026, 3, 9, 23, tzinfo=UTC)
    assert found.expiring_at == datetime(2027, 2, 6, 23, tzinfo=UTC)
    assert found.grace_at == datetime(2027, 3, 9, 23, tzinfo=UTC)
    assert found.expired_at == datetime(2027, 4, 8, 22, tzinfo=UTC)  # summer time has begun


def test_a_licence_shorter_than_30_days_is_expiring_from_its_start() -> None:
    found = timeline(date(2026, 3, 10), date(2026, 3, 12))

    assert found.expiring_at == found.starts_at


def test_today_is_the_day_in_berlin() -> None:
    last_second_of_the_ninth = datetime(2026, 3, 9, 22, 59, 59, tzinfo=UTC)

    assert today(last_second_of_the_ninth) == date(2026, 3, 9)
    assert today(last_second_of_the_ninth + timedelta(seconds=1)) == date(2026, 3, 10)


def test_every_term_from_every_day_keeps_the_rules() -> None:
    first = date(2026, 1, 1)
    for offset in range(4 * 366):
        start = first + timedelta(days=offset)
        for months in (1, 2, 6, 11, 12, 24, 36, 60):
            end = end_of_term(start, months)
            years, month = divmod(start.month - 1 + months, 12)

            assert start < end < end_of_term(start, months + 1)
            assert (end + timedelta(days=1)).replace(day=1) >= date(
                start.year + years, month + 1, 1
            )
            assert (end + timedelta(days=1)).day in {start.day, 1}
            assert end_of_term(start, months) <= end_of_term(start + timedelta(days=1), months)


def test_every_day_has_its_instants_in_order_and_whole_days_between_them() -> None:
    for offset in range(3 * 366):
        end = date(2026, 1, 1) + timedelta(days=offset)
        found = timeline(date(2025, 1, 1), end)

        assert found.expiring_at < found.grace_at < found.expired_at < archived_at(end)
        for instant in (found.expiring_at, found.grace_at, found.expired_at, archived_at(end)):
            assert instant.astimezone(BERLIN).time() == time()
        assert today(found.grace_at - timedelta(milliseconds=1)) == end
        assert today(found.expired_at - timedelta(milliseconds=1)) == end + timedelta(days=30)


def test_the_days_on_which_clocks_change_are_an_hour_shorter_and_longer() -> None:
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)

    assert end_of(spring) - midnight(spring) == timedelta(hours=23)
    assert end_of(autumn) - midnight(autumn) == timedelta(hours=25)
