"""Lists by cursor: how much one may ask for, and the opaque mark that says where a page ended."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import Field

from shared.errors import FieldError, InvalidError
from shared.models import Model

T = TypeVar("T")


class PageQuery(Model):
    """The part of a query that every list has."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=2048)


@dataclass(frozen=True)
class Page(Generic[T]):
    items: list[T]
    next_cursor: str | None


class CursorError(InvalidError):
    """A cursor that this list in this order never gave out."""

    def __init__(self) -> None:
        flaw = FieldError("#/query/cursor", "cursor", "Take the cursor from the page before.")
        super().__init__(fields=[flaw])


def cut(found: Sequence[T], limit: int, mark: Callable[[T], str]) -> Page[T]:
    """The page of `limit` items, out of one more than that where there are more to come."""
    items = list(found[:limit])
    return Page(items, mark(items[-1]) if len(found) > limit else None)


def write_cursor(order: str, *position: str) -> str:
    """Where a page ended: the order that the list was read in and its last item's place there."""
    text = json.dumps([order, *position], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, order: str, length: int) -> tuple[str, ...] | None:
    """The position in a cursor of this order, None at the beginning; CursorError for all else."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        given = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if write_cursor(*given) != cursor:
            raise CursorError
    except (ValueError, TypeError, RecursionError) as error:
        raise CursorError from error
    if given[0] != order or len(given) != length + 1 or not _are_texts(given):
        raise CursorError
    return tuple(given[1:])


def read_instant(text: str) -> datetime:
    """An instant out of a cursor; CursorError for what none of ours has."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise CursorError
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CursorError from error


def _are_texts(values: Sequence[object]) -> bool:
    return all(isinstance(value, str) for value in values)
