"""The precedence of reasons, and how long an answer may be kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.licensing.domain.decisions import GUARDS, Code, Decision, Question, decide
from services.licensing.domain.licences import Licence

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LICENCE = Licence(
    id="l-1",
    key="MS-00000-00000-00000-00000",
    product="mdm",
    seats=5,
    starts_on=date(2026, 3, 10),
    ends_on=date(2027, 3, 9),
    tenant_id="123456.sms",
    reseller_id="100001.rsp",
    created_at=NOON,
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
