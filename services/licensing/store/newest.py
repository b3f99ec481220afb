"""Reading a collection newest first: by `created_at`, then by id."""

from datetime import datetime
from typing import Any, Final, TypeAlias

Position: TypeAlias = tuple[datetime, str]
"""Where a page ended: its last document's time and id."""
NEWEST: Final = [("created_at", -1), ("_id", -1)]


def older_than(position: Position | None) -> dict[str, Any]:
    if position is None:
        return {}
    at, last_id = position
    return {
        "created_at": {"$lte": at},  # bounds the index; what follows settles equal times
        "$or": [{"created_at": {"$lt": at}}, {"_id": {"$lt": last_id}}],
    }
