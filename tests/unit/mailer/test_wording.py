"""Times and durations read naturally in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from services.mailer.domain.templates import Locale
from services.mailer.domain.wording import moment, span


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
