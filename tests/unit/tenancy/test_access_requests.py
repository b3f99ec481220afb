"""Access for a time: the small machine of its states, its durations and its warnings."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from services.tenancy.domain.access_requests import (
    LAPSES_AFTER,
    Access,
    AccessState,
    AccessStateError,
    Move,
    end_of,
    first_look,
    is_duration,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WISH = Access(
    "a-1", "123456.sms", "100001.rsp", ("reseller-admin",), "P60D", "Migration", NOW, "rita"
)
ALLOWED = {
    (AccessState.REQUESTED, Move.APPROVE): AccessState.ACTIVE,
    (AccessState.REQUESTED, Move.DENY): AccessState.DENIED,
    (AccessState.REQUESTED, Move.WITHDRAW): AccessState.WITHDRAWN,
    (AccessState.REQUESTED, Move.LAPSE): AccessState.LAPSED,
    (AccessState.ACTIVE, Move.END): AccessState.ENDED,
}


@pytest.mark.parametrize(("state", "move"), list(product(AccessState, Move)))
def test_of_all_moves_in_all_states_these_five_are_possible(state: AccessState, move: Move) -> None:
    access = replace(WISH, state=state)

    if (state, move) in ALLOWED:
        assert access.moved(move, NOW, "anna").state is ALLOWED[state, move]
    else:
        with pytest.raises(AccessStateError):
            access.moved(move, NOW, "anna")


def test_nobody_approves_what_has_lapsed_though_nobody_wrote_that_down_yet() -> None:
    with pytest.raises(AccessStateError):
        WISH.moved(Move.APPROVE, NOW + LAPSES_AFTER, "anna")


@pytest.mark.parametrize("text", ["P1D", "P731D", "P104W", "P1M", "P24M", "P1Y", "P2Y"])
def test_a_day_to_two_years_is_a_duration(text: str) -> None:
    assert is_duration(text)


@pytest.mark.parametrize(
    "text", ["P0D", "P732D", "P3Y", "P25M", "PT5H", "P1DT1H", "1D", "P-1D", "P", "p1d", "P1D\n", ""]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_duration(text)


@pytest.mark.parametrize(
    ("duration", "begin", "end"),
    [
        ("P30D", "2026-03-10", "2026-04-09"),
        ("P2W", "2026-03-10", "2026-03-24"),
        ("P1M", "2026-01-31", "2026-02-28"),
        ("P12M", "2026-12-31", "2027-12-31"),
        ("P1Y", "2028-02-29", "2029-02-28"),
    ],
)
def test_months_and_years_go_by_the_calendar(duration: str, begin: str, end: str) -> None:
    assert end_of(duration, datetime.fromisoformat(begin)) == datetime.fromisoformat(end)


def test_both_sides_are_warned_thirty_seven_and_one_days_before_the_end() -> None:
    access = WISH.moved(Move.APPROVE, NOW, "anna")
    looks = []
    while access.next_at is not None and access.is_active(access.next_at):
        looks.append(access.days_left(access.next_at))
        access = access.warned(access.next_at)

    assert looks == [30, 7, 1]
    assert access.next_at == access.ends_at == NOW + 60 * DAY


def test_whoever_comes_late_warns_once_and_not_for_each_day_that_was_missed() -> None:
    access = WISH.moved(Move.APPROVE, NOW, "anna")

    warned = access.warned(NOW + 55 * DAY)

    assert warned.next_at == NOW + 59 * DAY


def test_an_access_is_over_by_the_clock_whether_or_not_anybody_noted_it() -> None:
    access = WISH.moved(Move.APPROVE, NOW, "anna")

    assert access.is_active(NOW + 60 * DAY - timedelta(milliseconds=1))
    assert not access.is_active(NOW + 60 * DAY)


def test_a_request_is_looked_at_when_it_lapses() -> None:
    assert first_look(NOW) == NOW + timedelta(days=90)
