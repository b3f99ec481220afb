"""Times and durations read naturally in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from services.mailer.domain.templates import Locale
from services.mailer.domain.wording import moment, period, role_names, span
from services.tenancy.domain.access_requests import is_duration
from shared.access import Role


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("de", Locale.DE),
        ("de-AT", Locale.DE),
        ("DE_ch", Locale.DE),
        ("en", Locale.EN),
        ("en-GB", Locale.EN),
        ("fr", Locale.EN),
        ("den", Locale.EN),
        ("", Locale.EN),
    ],
    ids=["de", "austria", "switzerland", "en", "britain", "french", "slavey", "none"],
)
def test_a_language_that_we_do_not_write_becomes_english(tag: str, locale: Locale) -> None:
    assert Locale.of(tag) is locale


def test_a_moment_is_told_in_the_time_of_berlin_in_winter_and_summer() -> None:
    winter = datetime(2026, 3, 10, 12, 5, tzinfo=UTC)
    summer = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)

    assert moment(winter, Locale.DE) == "10. März 2026, 13:05 Uhr (MEZ)"
    assert moment(winter, Locale.EN) == "10 March 2026, 13:05 (CET)"
    assert moment(summer, Locale.DE) == "1. Juni 2026, 00:30 Uhr (MESZ)"
    assert moment(summer, Locale.EN) == "1 June 2026, 00:30 (CEST)"


@pytest.mark.parametrize(
    ("duration", "german", "english"),
    [
        (timedelta(minutes=30), "30 Minuten", "30 minutes"),
        (timedelta(minutes=29, seconds=59, milliseconds=900), "30 Minuten", "30 minutes"),
        (timedelta(hours=1), "1 Stunde", "1 hour"),
        (timedelta(hours=48), "2 Tage", "2 days"),
        (timedelta(days=7), "7 Tage", "7 days"),
        (timedelta(minutes=90), "90 Minuten", "90 minutes"),
        (timedelta(0), "1 Minute", "1 minute"),
    ],
    ids=["half-hour", "nearly", "hour", "two-days", "week", "odd", "nothing"],
)
def test_a_duration_is_told_in_its_largest_whole_unit(
    duration: timedelta, german: str, english: str
) -> None:
    assert span(duration, Locale.DE) == german
    assert span(duration, Locale.EN) == english


@pytest.mark.parametrize(
    ("duration", "german", "english"),
    [
        ("P1D", "1 Tag", "1 day"),
        ("P30D", "30 Tage", "30 days"),
        ("P1W", "1 Woche", "1 week"),
        ("P18M", "18 Monate", "18 months"),
        ("P2Y", "2 Jahre", "2 years"),
        ("P1Y6M", "P1Y6M", "P1Y6M"),
    ],
)
def test_a_period_is_told_in_its_own_unit(duration: str, german: str, english: str) -> None:
    assert [period(duration, locale) for locale in (Locale.DE, Locale.EN)] == [german, english]


def test_every_duration_that_access_may_be_asked_for_has_words() -> None:
    asked = [f"P{count}{unit}" for unit in "DWMY" for count in range(1, 999)]

    told = {one: period(one, Locale.EN) for one in asked if is_duration(one)}
    assert len(told) > 100
    assert not [one for one, words in told.items() if words == one]


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_name_of_its_own(role: Role, locale: Locale) -> None:
    names = [role_names([each], locale) for each in Role]

    assert role_names([role], locale) != role.value
    assert len(set(names)) == len(names)


def test_a_role_that_is_not_known_is_told_as_it_came() -> None:
    assert role_names(["admin", "pilot"], Locale.EN) == "administration, pilot"
