"""When a person is told that the synchronisation doesn't mend itself."""

from datetime import UTC, datetime, timedelta

import pytest

from services.tenancy.domain.drift import Differing, Drift
from services.tenancy.domain.sync_trouble import counts_since, lasting

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("told_at", "since"),
    [
        (None, NOW - 24 * HOUR),
        (NOW - 24 * HOUR, NOW - 24 * HOUR),
        (NOW - 100 * HOUR, NOW - 100 * HOUR),
        (NOW - 23 * HOUR, None),
        (NOW, None),
    ],
)
def test_a_cause_is_told_once_a_day_with_all_since_the_last_time(
    told_at: datetime | None, since: datetime | None
) -> None:
    assert counts_since(told_at, NOW) == since


def test_only_what_has_differed_for_an_hour_is_trouble() -> None:
    fresh = Differing("customer", "1", "differs", since=NOW - timedelta(minutes=59))
    stuck = Differing("customer", "2", "differs", since=NOW - HOUR)
    drift = Drift("1000001.rsp", "tenancy", "c-1", NOW, {}, {}, (fresh, stuck), 2)

    assert lasting(drift) == [stuck]
