"""Months of the calendar in Berlin."""

from datetime import UTC, date, datetime

import pytest

from services.licensing.domain.months import begins_at, ends_at, last_day, month_before, months


@pytest.mark.parametrize(
    ("month", "last"),
    [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31)],
)
def test_a_month_ends_on_its_last_day(month: str, last: int) -> None:
    found = last_day(month)

    assert found == date(int(month[:4]), int(month[5:]), last)


def test_a_month_begins_and_ends_at_midnight_in_berlin_across_the_change_of_clocks() -> None:
    begins, ends = begins_at("2026-03"), ends_at("2026-03")

    assert begins == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert ends == datetime(2026, 3, 31, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (datetime(2026, 3, 31, 21, 59, tzinfo=UTC), "2026-02"),
        (datetime(2026, 3, 31, 22, tzinfo=UTC), "2026-03"),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), "2026-12"),
    ],
)
def test_a_month_is_over_when_it_is_in_berlin(now: datetime, over: str) -> None:
    assert month_before(now) == over


def test_months_run_across_the_year_and_not_backwards() -> None:
    assert list(months("2026-11", "2027-02")) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert list(months("2026-03", "2026-02")) == []
