"""Lists read newest first: where a page ended, as a cursor and as a question to a store."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from shared.paging import CursorError, read_cursor, write_cursor

Position: TypeAlias = tuple[datetime, str]
"""Where a page ended: its last item's time and id."""
NEWEST: Final = [("created_at", -1), ("_id", -1)]
_ORDER: Final = "newest"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def newest_cursor(at: datetime, last_id: str) -> str:
    """Where a page ended: its last item's time, to the millisecond that MongoDB keeps, and id."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return write_cursor(_ORDER, str(milliseconds), last_id)


def newest_position(cursor: str | None) -> Position | None:
    """The position in a cursor, None at the beginning; CursorError for what this never wrote."""
    position = read_cursor(cursor, _ORDER, 2)
    if position is None:
        return None
    milliseconds, last_id = position
    if not re.fullmatch(r"[0-9]{1,14}", milliseconds, re.ASCII):
        raise CursorError
    return _EPOCH + timedelta(milliseconds=int(milliseconds)), last_id


def older_than(position: Position | None) -> dict[str, Any]:
    """The condition for what comes after this position, for documents with a `created_at`."""
    if position is None:
        return {}
    at, last_id = position
    return {
        "created_at": {"$lte": at},  # bounds the index; what follows settles equal times
        "$or": [{"created_at": {"$lt": at}}, {"_id": {"$lt": last_id}}],
    }
