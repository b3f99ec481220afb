"""How times and durations read in a mail, in its language."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.mailer.domain.templates import Locale
from shared.access import Role

_HOME: Final = ZoneInfo("Europe/Berlin")
_MONTHS: Final = {
    Locale.DE: (
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
        *("August", "September", "Oktober", "November", "Dezember"),
    ),
    Locale.EN: (
        *("January", "February", "March", "April", "May", "June", "July"),
        *("August", "September", "October", "November", "December"),
    ),
}
_UNITS: Final = {
    Locale.DE: (("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten")),
    Locale.EN: (("day", "days"), ("hour", "hours"), ("minute", "minutes")),
}
_MINUTES: Final = (24 * 60, 60, 1)
_PERIODS: Final = {
    Locale.DE: {
        "D": ("Tag", "Tage"),
        "W": ("Woche", "Wochen"),
        "M": ("Monat", "Monate"),
        "Y": ("Jahr", "Jahre"),
    },
    Locale.EN: {
        "D": ("day", "days"),
        "W": ("week", "weeks"),
        "M": ("month", "months"),
        "Y": ("year", "years"),
    },
}
_ROLES: Final = {
    Role.VENDOR_ADMIN: ("Administration des Herstellers", "vendor's administration"),
    Role.SALES: ("Vertrieb des Herstellers", "vendor's sales"),
    Role.SUPPORT: ("Support des Herstellers", "vendor's support"),
    Role.RESELLER_ADMIN: ("Administration des Resellers", "reseller's administration"),
    Role.RESELLER_SALES: ("Vertrieb des Resellers", "reseller's sales"),
    Role.RESELLER_SUPPORT: ("Support des Resellers", "reseller's support"),
    Role.ADMIN: ("Administration", "administration"),
    Role.AUDITOR: ("Prüfung (nur lesen)", "auditing (read only)"),
}


def moment(instant: datetime, locale: Locale) -> str:
    """An instant to the minute in the time of Berlin, named with its zone."""
    at = instant.astimezone(_HOME)
    month = _MONTHS[locale][at.month - 1]
    is_summer = bool(at.dst())
    if locale is Locale.DE:
        zone = "MESZ" if is_summer else "MEZ"
        return f"{at.day}. {month} {at.year}, {at:%H:%M} Uhr ({zone})"
    zone = "CEST" if is_summer else "CET"
    return f"{at.day} {month} {at.year}, {at:%H:%M} ({zone})"


def whole_day(day: date, locale: Locale) -> str:
    """A calendar day."""
    month = _MONTHS[locale][day.month - 1]
    return (
        f"{day.day}. {month} {day.year}" if locale is Locale.DE else f"{day.day} {month} {day.year}"
    )


def span(duration: timedelta, locale: Locale) -> str:
    """A duration in the largest unit that divides it, rounded to minutes and at least one."""
    minutes = max(round(duration / timedelta(minutes=1)), 1)
    for size, (one, many) in zip(_MINUTES, _UNITS[locale], strict=True):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {one if count == 1 else many}"
    raise AssertionError("One minute divides every whole number of minutes.")


def period(duration: str, locale: Locale) -> str:
    """A duration in days, weeks, months or years (ISO 8601), such as `P30D`."""
    found = re.fullmatch(r"P([0-9]{1,4})([DWMY])", duration)
    if found is None:
        return duration
    one, many = _PERIODS[locale][found.group(2)]
    count = int(found.group(1))
    return f"{count} {one if count == 1 else many}"


def role_names(roles: Iterable[str], locale: Locale) -> str:
    """What people call these roles."""
    names = {role.value: pair for role, pair in _ROLES.items()}
    known = (names.get(role, (role, role)) for role in roles)
    return ", ".join(german if locale is Locale.DE else english for german, english in known)
