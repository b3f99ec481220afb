"""Models that cross the HTTP edge: bodies, queries and answers."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, RootModel

from shared.forms import MOST_FIELDS


class Model(BaseModel):
    """A body, query or answer: named fields and no others, of exactly their types."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Nothing(Model):
    """No body, or no query."""


class Text(RootModel[str]):
    """An answer that is no JSON but text, of the media type that its subclass names."""

    media_type: ClassVar[str] = "text/plain"


class File(RootModel[bytes]):
    """An answer in bytes; its `Content-Type` is one of those that its subclass names."""

    media_types: ClassVar[tuple[str, ...]] = ("application/octet-stream",)


class Form(BaseModel):
    """A body in application/x-www-form-urlencoded, as RFC 6749 §3.2 reads it: unknown names are
    ignored, an empty value is an absent one, and none comes twice.
    """

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={
            "additionalProperties": {"type": "string"},
            "maxProperties": MOST_FIELDS,
        },
    )
