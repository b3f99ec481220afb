"""Cursors of lists that are read newest first."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.paging import CursorError, read_cursor, write_cursor

_NEWEST: Final = "newest"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def newest_cursor(at: datetime, last_id: str) -> str:
    """Where a page ended: its last item's time, to the millisecond that MongoDB keeps, and id."""
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return write_cursor(_NEWEST, str(milliseconds), last_id)


def newest_position(cursor: str | None) -> tuple[datetime, str] | None:
    position = read_cursor(cursor, _NEWEST, 2)
    if position is None:
        return None
    milliseconds, last_id = position
    if not re.fullmatch(r"[0-9]{1,14}", milliseconds, re.ASCII):
        raise CursorError
    return _EPOCH + timedelta(milliseconds=int(milliseconds)), last_id
