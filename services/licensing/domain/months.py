"""Months of the calendar in Europe/Berlin, written `2026-03`."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from services.licensing.domain.terms import end_of, midnight, today


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    return first_day(next_month(month)) - timedelta(days=1)


def next_month(month: str) -> str:
    return month_of(first_day(month) + timedelta(days=31))


def month_before(now: datetime) -> str:
    """The last month that is over at this instant."""
    return month_of(today(now).replace(day=1) - timedelta(days=1))


def months(first: str, last: str) -> Iterator[str]:
    """Both included; none where the first comes after the last."""
    month = first
    while month <= last:
        yield month
        month = next_month(month)


def begins_at(month: str) -> datetime:
    return midnight(first_day(month))


def ends_at(month: str) -> datetime:
    """The first instant after it."""
    return end_of(last_day(month))
