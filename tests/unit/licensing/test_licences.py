"""The states of a licence, and its key."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from services.licensing.domain.licences import (
    KEY_BITS,
    Licence,
    LicenceState,
    created,
    licence_key,
    state,
)

LICENCE = Licence(
    id="l-1",
    key="MS-00000-00000-00000-00000",
    product="mdm",
    seats=5,
    starts_on=date(2026, 3, 10),
    ends_on=date(2027, 3, 9),
    tenant_id="123456.sms",
    reseller_id="100001.rsp",
    created_at=datetime(2026, 3, 10, 12, tzinfo=UTC),
)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("until", "before", "after"),
    [
        pytest.param("2026-03-10T00:00+01:00", "ordered", "active", id="first day"),
        pytest.param("2027-02-07T00:00+01:00", "active", "expiring", id="30 days left"),
        pytest.param("2027-03-10T00:00+01:00", "expiring", "grace", id="after the last day"),
        pytest.param("2027-04-09T00:00+02:00", "grace", "expired", id="after 30 days of grace"),
    ],
)
def test_a_licence_changes_state_at_midnight_in_berlin(until: str, before: str, after: str) -> None:
    instant = datetime.fromisoformat(until)

    assert state(LICENCE, instant - SECOND) is LicenceState(before)
    assert state(LICENCE, instant) is LicenceState(after)


def test_a_key_can_be_read_aloud_and_holds_every_bit() -> None:
    highest = 2**KEY_BITS - 1

    assert licence_key(0) == "MS-00000-00000-00000-00000"
    assert licence_key(highest) == "MS-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ"
    assert len({licence_key(1 << bit) for bit in range(KEY_BITS)}) == KEY_BITS
    assert re.fullmatch(r"MS(-[0-9A-HJKMNP-TV-Z]{5}){4}", licence_key(highest // 7))


def test_the_event_of_a_licence_does_not_tell_its_key() -> None:
    assert LICENCE.key not in created(LICENCE).model_dump_json()
