"""The states of a licence, and its key."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.licensing.domain.licences import (
    KEY_BITS,
    LicenceState,
    licence_key,
    state,
    timeline_of,
)
from services.licensing.domain.products import LicenceModel
from tests.support.licences import a_licence

LICENCE = a_licence()
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("until", "before", "after"),
    [
        pytest.param("2026-03-10T00:00+01:00", "ordered", "active", id="first day"),
        pytest.param("2027-02-07T00:00+01:00", "active", "expiring", id="30 days left"),
        pytest.param("2027-03-10T00:00+01:00", "expiring", "grace", id="after the last day"),
        pytest.param("2027-04-09T00:00+02:00", "grace", "expired", id="after 30 days of grace"),
        pytest.param("2027-07-08T00:00+02:00", "expired", "archived", id="after 90 days more"),
    ],
)
def test_a_licence_changes_state_at_midnight_in_berlin(until: str, before: str, after: str) -> None:
    instant = datetime.fromisoformat(until)

    assert state(LICENCE, instant - SECOND) is LicenceState(before)
    assert state(LICENCE, instant) is LicenceState(after)


INSTANT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stop", "stopped"),
    [
        ({"suspended_at": INSTANT}, "suspended"),
        ({"revoked_at": INSTANT}, "revoked"),
        ({"cancelled_at": INSTANT, "ends_on": date(2026, 6, 1)}, "cancelled"),
    ],
)
def test_what_stops_a_licence_is_in_its_timeline_from_that_instant_on(
    stop: dict[str, Any], stopped: str
) -> None:
    licence = replace(LICENCE, **stop)

    found = timeline_of(licence)

    assert state(licence, INSTANT) is LicenceState(stopped)
    assert not licence.is_valid(INSTANT)
    assert (found.stopped, found.expired_at) == (stopped, INSTANT)
    assert max(found.expiring_at, found.grace_at) <= INSTANT


def test_a_cancellation_that_lies_ahead_leaves_the_days_until_then_and_no_grace() -> None:
    ends_on, after = date(2026, 6, 30), datetime(2026, 6, 30, 22, tzinfo=UTC)
    licence = replace(LICENCE, cancelled_at=after, ends_on=ends_on)

    assert state(licence, after - SECOND) is LicenceState.EXPIRING
    assert state(licence, after) is LicenceState.CANCELLED
    assert timeline_of(licence).grace_at == timeline_of(licence).expired_at == after


@pytest.mark.parametrize(
    ("done", "at", "expected"),
    [
        pytest.param(
            {"suspended_at": INSTANT}, "2027-04-09", "expired", id="time beats suspension"
        ),
        pytest.param(
            {"suspended_at": INSTANT, "revoked_at": INSTANT}, "2027-04-09", "revoked", id="for good"
        ),
        pytest.param({"suspended_at": INSTANT}, "2027-03-20", "suspended", id="no grace beside"),
    ],
)
def test_what_was_done_for_good_comes_before_time_and_time_before_a_suspension(
    done: dict[str, Any], at: str, expected: str
) -> None:
    instant = datetime.fromisoformat(at).replace(hour=12, tzinfo=UTC)

    assert state(replace(LICENCE, **done), instant) is LicenceState(expected)


def test_an_open_ended_licence_is_active_for_ever() -> None:
    licence = replace(LICENCE, model=LicenceModel.MSP, seats=None, ends_on=None)

    assert state(licence, datetime(2200, 1, 1, tzinfo=UTC)) is LicenceState.ACTIVE
    assert timeline_of(licence).expired_at.year == 9999


def test_a_key_can_be_read_aloud_and_holds_every_bit() -> None:
    highest = 2**KEY_BITS - 1

    assert licence_key(0) == "MS-00000-00000-00000-00000"
    assert licence_key(highest) == "MS-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ"
    assert len({licence_key(1 << bit) for bit in range(KEY_BITS)}) == KEY_BITS
    assert re.fullmatch(r"MS(-[0-9A-HJKMNP-TV-Z]{5}){4}", licence_key(highest // 7))
