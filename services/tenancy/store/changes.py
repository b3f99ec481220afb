"""The collections of changes in their one order, and of how far that has come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.tenancy.domain.changes import KEPT, Change
from shared.mongo.collection import Index, Session
from shared.mongo.database import Mongo

_END: Final = {"_id": "end"}


class Changes:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("changes")
        self._ends = mongo.collection("changes_end")

    async def prepare(self) -> None:
        kept = int(KEPT.total_seconds())
        await self._rows.ensure(Index("orgs", "_id"), Index("filed_at", expire_seconds=kept))

    async def last(self, session: Session) -> int:
        row = await self._ends.find_one(_END, session)
        return row["position"] if row else 0

    async def add(self, changes: Sequence[Change], now: datetime, session: Session) -> None:
        """One transaction at a time: each moves the end, so that no position comes late."""
        end = {**_END, "position": changes[-1].position}
        await self._ends.replace(_END, end, upsert=True, session=session)
        await self._rows.insert(*(_row(change, now) for change in changes), session=session)

    async def after(self, position: int, org: str | None, limit: int) -> list[Change]:
        """In their order; with an organisation those that may be in its stream."""
        where: dict[str, Any] = {"_id": {"$gt": position}}
        if org is not None:
            where["orgs"] = org
        return [
            _change(row) for row in await self._rows.find(where, sort=[("_id", 1)], limit=limit)
        ]


def _row(change: Change, now: datetime) -> dict[str, Any]:
    return {
        "_id": change.position,
        "type": change.type,
        "place": change.place,
        "subject": change.subject,
        "occurred_at": change.occurred_at,
        "orgs": list(change.orgs),
        "filed_at": now,
    }


def _change(row: dict[str, Any]) -> Change:
    return Change(
        position=row["_id"],
        type=row["type"],
        place=row["place"],
        subject=row["subject"],
        occurred_at=row["occurred_at"],
        orgs=tuple(row["orgs"]),
    )
