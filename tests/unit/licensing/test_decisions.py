"""The precedence of reasons, and how long an answer may be kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.licensing.domain.decisions import GUARDS, Code, Decision, Question, decide
from services.licensing.domain.licences import Entitlement
from tests.support.licences import a_licence

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LICENCE = a_licence(
    entitlements=(Entitlement("device-management"), Entitlement("vpn", date(2026, 3, 31)))
)


def test_the_published_order_is_the_order_of_the_guards() -> None:
    assert [Code.LICENCE_UNKNOWN, *(code for code, _ in GUARDS), Code.VALID] == list(Code)


def test_an_answer_says_when_it_changes_by_itself() -> None:
    later = replace(LICENCE, starts_on=date(2026, 4, 1))

    asked = [decide(Question("device-management", each), NOON) for each in (LICENCE, later)]

    assert [(each.code, each.until) for each in asked] == [
        (Code.VALID, datetime(2027, 4, 8, 22, tzinfo=UTC)),
        (Code.LICENCE_NOT_STARTED, datetime(2026, 3, 31, 22, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("code", "until", "kept"),
    [
        (Code.VALID, None, MINUTE),
        (Code.VALID, NOON + MINUTE * 2, MINUTE),
        (Code.VALID, NOON + timedelta(seconds=1.9), timedelta(seconds=1)),
        (Code.VALID, NOON + timedelta(seconds=0.5), timedelta(0)),
        (Code.LICENCE_EXPIRED, None, MINUTE),
        (Code.LICENCE_UNKNOWN, None, timedelta(0)),
        (Code.DEVICE_NOT_ACTIVATED, NOON + MINUTE, timedelta(0)),
    ],
)
def test_no_answer_is_kept_beyond_the_instant_at_which_it_changes(
    code: Code, until: datetime | None, kept: timedelta
) -> None:
    decision = Decision(code, until, LICENCE)

    assert decision.max_age(NOON, MINUTE) == kept


def test_a_feature_with_an_end_of_its_own_is_had_to_the_end_of_that_day() -> None:
    last_second = datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC)
    question = Question("vpn", LICENCE)

    before, after = decide(question, last_second), decide(question, last_second + MINUTE)

    assert (before.code, before.until) == (Code.VALID, last_second + timedelta(seconds=1))
    assert after.code is Code.FEATURE_NOT_INCLUDED


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        ("revoked_at", Code.LICENCE_REVOKED),
        ("cancelled_at", Code.LICENCE_CANCELLED),
        ("suspended_at", Code.LICENCE_SUSPENDED),
    ],
)
def test_what_was_stopped_allows_nothing(stop: str, code: Code) -> None:
    stopped = replace(LICENCE, **{stop: NOON})  # type: ignore[arg-type]  # all are instants

    assert decide(Question("device-management", stopped), NOON).code is code
