"""The events that webhooks are told, each kept once for 30 days, however many webhooks hear it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.contracts.events import CloudEvent
from shared.mongo.collection import Document, Index, Session
from shared.mongo.database import Mongo

KEPT: Final = timedelta(days=30)
"""As long as a delivery of one is kept, too."""


@dataclass(frozen=True)
class Kept:
    """An event as it is sent."""

    id: str
    reseller_id: str
    type: str
    place: str
    body: str


class ToldEvents:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("webhook_events")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("reseller_id", "filed_at"),
            Index("place"),
            Index("filed_at", expire_seconds=int(KEPT.total_seconds())),
        )

    async def add(
        self, event: CloudEvent, reseller_id: str, place: str, now: datetime, session: Session
    ) -> None:
        row = {
            "_id": event.id,
            "reseller_id": reseller_id,
            "type": event.type,
            "place": place,
            "body": event.to_json().decode(),
            "filed_at": now,
        }
        await self._rows.insert(row, session=session)

    async def forget(self, place: str, session: Session) -> None:
        """What happened in a place that is gone is told nobody any more."""
        await self._rows.delete_many({"place": place}, session=session)

    async def get(self, event_id: str) -> Kept | None:
        row = await self._rows.find_one({"_id": event_id})
        return _kept(row) if row else None

    async def between(
        self, reseller_id: str, since: datetime, until: datetime, types: Sequence[str], limit: int
    ) -> list[Kept]:
        """What was filed in this while, of these types, the oldest first."""
        where = {
            "reseller_id": reseller_id,
            "filed_at": {"$gte": since, "$lt": until},
            "type": {"$in": list(types)},
        }
        rows = await self._rows.find(where, sort=[("filed_at", 1)], limit=limit)
        return [_kept(row) for row in rows]


def _kept(row: Document) -> Kept:
    return Kept(row["_id"], row["reseller_id"], row["type"], row["place"], row["body"])
