"""What the document of events calls a field's type."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import Field

from tools.type_names import type_name


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Record: ...


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (str, "str"),
        (timedelta | None, "timedelta or None"),
        (Optional[Annotated[str, Field(max_length=9)]], "str or None"),  # noqa: UP045 as pydantic tells it
        (Literal["de", "en"], '"de" or "en"'),
        (list[Record] | None, "list[Record] or None"),
        (dict[str, dict[str, int]], "dict[str, dict[str, int]]"),
        (tuple[str, ...], "tuple[str, ...]"),
        (Colour, '"red" or "blue"'),
        (dict[str, Any], "dict[str, Any]"),
    ],
)
def test_a_type_is_told_with_all_its_parts(annotation: Any, name: str) -> None:
    assert type_name(annotation) == name
