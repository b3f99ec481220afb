"""How long the next guess has to wait."""

from datetime import UTC, datetime, timedelta

from services.auth.domain.throttle import (
    Pace,
    Record,
    after_failure,
    is_open,
    open_again_at,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PACE = Pace(free=5, longest=timedelta(minutes=15), forget=timedelta(minutes=30))


def failed(times: int, pace: Pace = PACE, now: datetime = NOW) -> Record | None:
    record = None
    for _ in range(times):
        record = after_failure(record, pace, now)
    return record


def wait_after(times: int) -> timedelta:
    record = failed(times)
    assert record is not None
    return open_again_at(record, PACE) - NOW


def test_the_first_failures_cost_nothing() -> None:
    assert all(is_open(failed(times), PACE, NOW) for times in range(6))


def test_waits_double_up_to_the_longest() -> None:
    waits = [wait_after(times).total_seconds() for times in range(6, 18)]

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_failures_beyond_the_longest_wait_are_not_remembered() -> None:
    record = failed(10_000)

    assert record == failed(PACE.most)
    assert record is not None
    assert open_again_at(record, PACE) - NOW == PACE.longest


def test_a_failure_is_forgotten_in_its_time() -> None:
    record = failed(5)

    again = after_failure(record, PACE, NOW + PACE.forget)

    assert is_open(again, PACE, NOW + PACE.forget)
    assert not is_open(after_failure(record, PACE, NOW), PACE, NOW)


def test_all_failures_are_forgotten_in_the_end() -> None:
    record = failed(100)

    later = after_failure(record, PACE, NOW + PACE.most * PACE.forget)

    assert later == after_failure(None, PACE, NOW + PACE.most * PACE.forget)
