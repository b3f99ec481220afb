"""Which days are to be measured."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.licensing.domain.usage import KEPT_DAYS, days_to_measure

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "now", "days"),
    [
        (date(2026, 3, 9), NOON, []),
        (date(2026, 3, 6), NOON, ["2026-03-07", "2026-03-08", "2026-03-09"]),
        (date(2026, 3, 9), datetime(2026, 3, 10, 22, 59, tzinfo=UTC), []),
        (date(2026, 3, 9), datetime(2026, 3, 10, 23, 0, tzinfo=UTC), ["2026-03-10"]),
    ],
)
def test_a_day_is_measured_when_it_is_over_in_berlin(
    last: date, now: datetime, days: list[str]
) -> None:
    assert [day.isoformat() for day in days_to_measure(last, now)] == days


def test_nothing_is_measured_that_cannot_be_known_any_more() -> None:
    days = list(days_to_measure(date(2025, 1, 1), NOON))

    assert days[0] == date(2026, 3, 9) - timedelta(days=KEPT_DAYS)
    assert days[-1] == date(2026, 3, 9)
