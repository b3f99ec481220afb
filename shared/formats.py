"""Numbers and times as the API's schemas have them, and nothing more.

Pydantic alone would also take `0` for a day and 3600 for a duration, but where it takes no "5" for
a number then also no 5.0, which is an integer in JSON.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
"""Pydantic refuses one without a zone by itself, and says why."""
_A_DAY: Final = "A day looks like 2026-03-10."
_AN_INSTANT: Final = "An instant looks like 2026-03-10T12:00:00Z (RFC 3339)."
_A_DURATION: Final = "A duration looks like PT4H or P2D (ISO 8601)."


def _must_be_day(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("date_type", _A_DAY)
    if not _DAY.fullmatch(value):
        raise PydanticCustomError("date_from_datetime_parsing", _A_DAY)
    return value


def _must_be_instant(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("datetime_type", _AN_INSTANT)
    if not _INSTANT.fullmatch(value):
        raise PydanticCustomError("datetime_parsing", _AN_INSTANT)
    return value


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC; at either end of the calendar there may be none."""
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("datetime_parsing", "This instant is too far away.") from error


def _must_be_duration(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("time_delta_type", _A_DURATION)
    if not value.startswith("P"):
        raise PydanticCustomError("time_delta_parsing", _A_DURATION)
    return value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


AsInstant: Final = BeforeValidator(_must_be_instant)
AsDuration: Final = BeforeValidator(_must_be_duration)
AsWhole: Final = BeforeValidator(_whole)
"""These stand last in an annotation, behind the limits, so that the schema still tells those."""

TypedDay = Annotated[date, BeforeValidator(_must_be_day)]
TypedInstant = Annotated[AwareDatetime, AfterValidator(in_utc), AsInstant]
