"""The circuit breaker: opens on failures in a row, lets one try, and closes or waits longer."""

from services.gateway.domain.breakers import (
    FAILURES,
    LONGEST_PAUSE_SECONDS,
    PAUSE_SECONDS,
    Breaker,
)


def broken(at: float = 0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed(at)
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(0)
    almost = breaker.wait_seconds(0)
    breaker.failed(0)

    assert (almost, breaker.wait_seconds(0), breaker.is_open) == (0, PAUSE_SECONDS, True)


def test_a_success_in_between_begins_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(10 * FAILURES):
        breaker.failed(0)
        breaker.succeeded()

    assert not breaker.is_open


def test_after_the_pause_one_may_try_and_the_others_wait() -> None:
    breaker = broken()

    assert breaker.wait_seconds(PAUSE_SECONDS / 2) > 0
    assert [breaker.wait_seconds(PAUSE_SECONDS) == 0 for _ in range(3)] == [True, False, False]


def test_a_probe_that_succeeds_closes_it_for_all() -> None:
    breaker = broken()
    breaker.wait_seconds(PAUSE_SECONDS)
    breaker.succeeded()

    assert [breaker.wait_seconds(PAUSE_SECONDS) for _ in range(3)] == [0, 0, 0]
    assert not breaker.is_open


def test_a_probe_that_fails_doubles_the_pause_up_to_a_limit() -> None:
    breaker, now, pauses = broken(), PAUSE_SECONDS, []
    for _ in range(7):
        assert breaker.wait_seconds(now) == 0
        breaker.failed(now)
        pauses.append(breaker.wait_seconds(now))
        now += pauses[-1]

    assert pauses[:3] == [2 * PAUSE_SECONDS, 4 * PAUSE_SECONDS, 8 * PAUSE_SECONDS]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_late_failures_of_requests_from_before_do_not_move_the_pause() -> None:
    breaker = broken()
    for _ in range(20):
        breaker.failed(PAUSE_SECONDS / 2)

    assert breaker.wait_seconds(PAUSE_SECONDS) == 0


def test_a_probe_that_was_given_up_leaves_the_try_to_another() -> None:
    breaker = broken()
    breaker.wait_seconds(PAUSE_SECONDS)
    breaker.given_up()

    assert breaker.wait_seconds(PAUSE_SECONDS) == 0
