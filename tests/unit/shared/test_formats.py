"""Bodies and queries take the numbers and times that the schemas describe, and no others."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from shared.bodies import checked
from shared.errors import InvalidError
from shared.formats import AsDuration, AsWhole, TypedDay, TypedInstant
from shared.models import Model


class Wanted(Model):
    day: TypedDay | None = None
    instant: TypedInstant | None = None
    duration: Annotated[timedelta, Field(le=timedelta(days=1)), AsDuration] | None = None
    seats: Annotated[int, Field(ge=1, le=100, strict=True), AsWhole] | None = None
    months: Annotated[Literal[12, 24], AsWhole] | None = None


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"day": "2026-03-10"}, {"day": "2026-03-10"}),
        ({"instant": "2026-03-10T12:00:00.5z"}, {"instant": "2026-03-10T12:00:00.500000Z"}),
        ({"instant": "2026-03-10T12:00:00+02:00"}, {"instant": "2026-03-10T10:00:00Z"}),
        ({"duration": "PT90M"}, {"duration": "PT1H30M"}),
        ({"seats": 25}, {"seats": 25}),
        ({"seats": 25.0}, {"seats": 25}),
        ({"months": 12.0}, {"months": 12}),
    ],
)
def test_what_the_schema_has_is_taken(given: dict[str, Any], read: dict[str, Any]) -> None:
    found = checked(Wanted, given, "body")

    assert found.model_dump(mode="json", exclude_unset=True) == read


@pytest.mark.parametrize(
    "given",
    [
        {"day": 0},
        {"day": "0"},
        {"day": "2026-03-10T00:00:00"},
        {"day": "2026-02-30"},
        {"day": "٢٠٢٦-03-10"},
        {"instant": 1_773_144_000},
        {"instant": "1773144000"},
        {"instant": "2026-03-10"},
        {"instant": "2026-03-10T12:00:00"},
        {"instant": "2026-03-10T12:00Z"},
        {"instant": "0001-01-01T00:00:00+14:00"},
        {"instant": "9999-12-31T23:59:59-14:00"},
        {"duration": 3600},
        {"duration": "3600"},
        {"duration": "-P1D"},
        {"duration": "01:00:00"},
        {"seats": "25"},
        {"seats": 25.5},
        {"seats": True},
        {"seats": 101.0},
        {"seats": 1e400},
        {"months": "12"},
        {"months": 13.0},
    ],
)
def test_what_the_schema_does_not_have_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as refused:
        checked(Wanted, given, "body")

    assert len(refused.value.fields) == 1


def test_the_schema_tells_formats_and_limits_as_ever() -> None:
    told = Wanted.model_json_schema()["properties"]

    assert told["day"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert told["instant"]["anyOf"][0] == {"type": "string", "format": "date-time"}
    assert told["duration"]["anyOf"][0] == {"type": "string", "format": "duration"}
    assert told["seats"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 100}
    assert told["months"]["anyOf"][0] == {"type": "integer", "enum": [12, 24]}
