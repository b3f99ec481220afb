"""Settings inherit; some may only be narrowed on the way down, the others are overridden."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.tenancy.domain.org_settings import (
    INSTALLATION,
    OrgSettings,
    Setting,
    Values,
    WiderError,
    resolve,
)

DATE = datetime(2026, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTER = Values(
    locale="de",
    totp_required_from=DATE,
    session_idle=HOUR,
    session_absolute=12 * HOUR,
    notice_recipients=(),
)
VENDOR, RESELLER, TENANT = "vendor", "100001.rsp", "123456.sms"
NOTHING = OrgSettings(TENANT)


def of(org: str, **own: Any) -> OrgSettings:
    return OrgSettings(org, Values(**own), 1)


def test_what_nobody_has_decided_comes_from_the_installation() -> None:
    found = resolve(OUTER, [OrgSettings(VENDOR), OrgSettings(RESELLER), NOTHING])

    assert set(found.values()) == {
        Setting(value, INSTALLATION) for value in ("de", DATE, HOUR, 12 * HOUR, ())
    }


def test_each_level_narrows_and_says_so() -> None:
    chain = [
        of(VENDOR, totp_required_from=DATE - 30 * 24 * HOUR),
        of(RESELLER, session_idle=HOUR / 2),
        of(TENANT, session_absolute=8 * HOUR),
    ]

    found = resolve(OUTER, chain)

    assert found["totp_required_from"] == Setting(DATE - 30 * 24 * HOUR, VENDOR)
    assert found["session_idle"] == Setting(HOUR / 2, RESELLER)
    assert found["session_absolute"] == Setting(8 * HOUR, TENANT)


def test_where_above_became_narrower_than_below_the_narrower_counts() -> None:
    chain = [of(VENDOR, session_idle=HOUR / 4), of(RESELLER, session_idle=HOUR / 2)]

    assert resolve(OUTER, chain)["session_idle"] == Setting(HOUR / 4, VENDOR)


def test_language_and_recipients_are_those_of_the_nearest() -> None:
    chain = [
        of(VENDOR, locale="en", notice_recipients=("v@example.org",)),
        of(RESELLER, locale="de"),
        of(TENANT, notice_recipients=()),
    ]

    found = resolve(OUTER, chain)

    assert found["locale"] == Setting("de", RESELLER)
    assert found["notice_recipients"] == Setting((), TENANT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("totp_required_from", DATE),
        ("totp_required_from", DATE - 900 * 24 * HOUR),
        ("session_idle", HOUR),
        ("session_absolute", HOUR),
    ],
)
def test_one_may_be_as_strict_as_one_likes(name: str, value: Any) -> None:
    changed = NOTHING.changed({name: value}, resolve(OUTER, []))

    assert (getattr(changed.own, name), changed.version) == (value, 1)


def test_all_that_would_be_wider_is_named_with_its_limit_and_who_set_it() -> None:
    above = resolve(OUTER, [of(RESELLER, session_idle=HOUR / 2)])
    changes = {
        "locale": "en",
        "session_absolute": 12 * HOUR,
        "session_idle": HOUR / 2 + timedelta(seconds=1),
        "totp_required_from": DATE + timedelta(seconds=1),
    }

    with pytest.raises(WiderError) as refused:
        NOTHING.changed(changes, above)

    assert {(flaw.pointer, flaw.code) for flaw in refused.value.fields} == {
        ("#/body/session_idle", "longer_than_above"),
        ("#/body/totp_required_from", "later_than_all"),
    }
    words = " ".join(flaw.detail for flaw in refused.value.fields)
    assert "at most PT1800S, as decided by 100001.rsp" in words
    assert "no later than 2026-05-01T00:00:00+00:00, as decided by installation" in words


def test_one_may_go_back_to_what_counts_above() -> None:
    above = resolve(OUTER, [])
    early = NOTHING.changed({"totp_required_from": DATE - HOUR, "locale": "en"}, above)

    back = early.changed({"totp_required_from": None}, above)

    assert (back.own, back.version) == (Values(locale="en"), 2)


def test_what_changes_nothing_is_no_change() -> None:
    assert NOTHING.changed({"session_idle": None}, resolve(OUTER, [])) is NOTHING
    assert NOTHING.changed({}, resolve(OUTER, [])) is NOTHING
