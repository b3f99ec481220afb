"""How many devices a licence carries, and what it says when there are more than seats."""

from datetime import UTC, datetime, timedelta

import pytest

from services.licensing.clients.device_tokens import DeviceTokens
from services.licensing.domain.seats import (
    LicenceNotValidError,
    SeatRules,
    must_be_valid,
    overused,
)
from services.licensing.domain.visits import Allowance, too_many
from shared.keys import Keys, vault_keys
from tests.support.licences import a_licence

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LICENCE = a_licence()


@pytest.mark.parametrize(
    ("percent", "seats", "most"), [(0, 10, 10), (10, 10, 11), (10, 9, 9), (33, 10, 13)]
)
def test_over_use_is_rounded_down(percent: int, seats: int, most: int) -> None:
    rules = SeatRules(timedelta(days=90), overage_percent={"mdm": percent})

    assert rules.most("mdm", seats) == most
    assert rules.most("mobile-security", seats) == seats


def test_over_use_has_an_end_also_where_it_is_allowed() -> None:
    left_alone = SeatRules(timedelta(days=90))
    decided = SeatRules(timedelta(days=90), overage_percent={"unified-report": 10})

    assert [rules.most("unified-report", 10) for rules in (left_alone, decided)] == [20, 11]
    assert left_alone.most("unified-report", None) is None


def test_over_use_is_told_from_the_first_device_too_many() -> None:
    last, first = overused(LICENCE, 5), overused(LICENCE, 6)

    assert last is None
    assert first is not None
    assert (first.seats, first.seats_used) == (5, 6)


def test_a_licence_in_grace_takes_devices_and_an_expired_one_says_why_not() -> None:
    must_be_valid(LICENCE, datetime(2027, 4, 8, 21, 59, tzinfo=UTC))

    with pytest.raises(LicenceNotValidError) as refused:
        must_be_valid(LICENCE, datetime(2027, 4, 8, 22, tzinfo=UTC))

    assert refused.value.extensions == {"reason": "expired"}


def test_a_window_begins_at_a_whole_hour() -> None:
    hourly = Allowance(20, timedelta(hours=1))
    late = NOON + timedelta(minutes=59, seconds=59)

    assert hourly.window_of(late) == hourly.window_of(NOON) == (NOON, NOON + timedelta(hours=1))
    assert too_many(hourly.window_of(late)[1], late).retry_after_seconds == 2


def test_a_token_outlives_a_change_of_keys() -> None:
    old, new = vault_keys(), vault_keys()
    both = Keys.parse(f'{{"keys": [{_jwk(new)}, {_jwk(old)}]}}')
    token = DeviceTokens(old).make("0" * 32)

    assert DeviceTokens(both).read(token) == "0" * 32
    assert DeviceTokens(both).make("0" * 32) == DeviceTokens(new).make("0" * 32)
    assert DeviceTokens(new).read(token) is None


def _jwk(keys: Keys) -> str:
    return keys.private().removeprefix('{"keys": [').removesuffix("]}")
