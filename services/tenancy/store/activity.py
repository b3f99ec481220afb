"""The collection of what happened, by place and time."""

from typing import Any

from services.tenancy.domain.activity import Activity, Position
from shared.mongo import Collection, Index, Session


class Activities:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(Index("place", "-at", "-_id"))

    async def add(self, activity: Activity, session: Session) -> None:
        await self._rows.insert(_row(activity), session=session)

    async def of(self, place: str, before: Position | None, limit: int) -> list[Activity]:
        """What happened in this place, newest first, and before this position."""
        where: dict[str, Any] = {"place": place}
        if before is not None:
            where["at"] = {"$lte": before.at}  # bounds the index; what follows settles equal times
            where["$or"] = [{"at": {"$lt": before.at}}, {"_id": {"$lt": before.id}}]
        sort = [("place", 1), ("at", -1), ("_id", -1)]
        return [_activity(row) for row in await self._rows.find(where, sort=sort, limit=limit)]


def _row(activity: Activity) -> dict[str, Any]:
    return {
        "_id": activity.id,
        "place": activity.place,
        "at": activity.at,
        "what": activity.what,
        "subject": activity.subject,
        "actor": activity.actor,
        "actor_org": activity.actor_org,
        "reason": activity.reason,
        "request_id": activity.request_id,
    }


def _activity(row: dict[str, Any]) -> Activity:
    return Activity(
        id=row["_id"],
        place=row["place"],
        at=row["at"],
        what=row["what"],
        subject=row["subject"],
        actor=row["actor"],
        actor_org=row["actor_org"],
        reason=row["reason"],
        request_id=row["request_id"],
    )
