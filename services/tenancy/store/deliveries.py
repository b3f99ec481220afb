"""Every delivery of an event to a webhook, kept as long as the event (`told_events`).

`due_at` is there only while a delivery waits.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any, Final

from services.tenancy.domain.deliveries import Attempt, Delivery, DeliveryState, Reason
from services.tenancy.store.told_events import KEPT
from shared.mongo.collection import Document, Index, Session
from shared.mongo.database import Mongo
from shared.newest import NEWEST, Position, older_than

_SECONDS: Final = int(KEPT.total_seconds())


class Deliveries:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("webhook_deliveries")
        self._numbers = count()
        """What is due at the same instant goes in the order in which it came here."""

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("webhook_id", "due_at", "number", where={"due_at": {"$type": "date"}}),
            Index("due_at", where={"due_at": {"$type": "date"}}),
            Index("webhook_id", "event_id", unique=True),
            Index("webhook_id", "created_at", "_id"),
            Index("webhook_id", "state", "created_at", "_id"),
            Index("created_at", expire_seconds=_SECONDS),
        )

    async def add(self, deliveries: Sequence[Delivery], session: Session) -> None:
        if deliveries:
            rows = [_row(one) | {"number": next(self._numbers)} for one in deliveries]
            await self._rows.insert(*rows, session=session)

    async def known(self, webhook_id: str, event_ids: Sequence[str], session: Session) -> set[str]:
        """Those of these events of which there is a delivery already."""
        where = {"webhook_id": webhook_id, "event_id": {"$in": list(event_ids)}}
        return {row["event_id"] for row in await self._rows.find(where, session=session)}

    async def again(
        self, webhook_id: str, event_ids: Sequence[str], now: datetime, session: Session
    ) -> int:
        """Let these wait anew, but for those that do; returns how many."""
        where = {
            "webhook_id": webhook_id,
            "event_id": {"$in": list(event_ids)},
            "state": {"$ne": DeliveryState.WAITING.value},
        }
        fresh = {"state": DeliveryState.WAITING.value, "due_at": now, "attempts": 0, "reason": None}
        change = {"$set": fresh, "$inc": {"version": 1}}
        return await self._rows.update_many(where, change, session=session)

    async def some_webhook(self, start: str, busy: Sequence[str], now: datetime) -> str | None:
        """One of the webhooks that something is due for, the next from `start` on, round and
        round, so that all get their turn.
        """
        due = {"due_at": {"$type": "date", "$lte": now}}
        for after in ({"$gt": start}, {}):
            where = {"webhook_id": {**after, "$nin": list(busy)}, **due}
            rows = await self._rows.find(where, sort=[("webhook_id", 1)], limit=1)
            if rows:
                return str(rows[0]["webhook_id"])
        return None

    async def next_due(self, webhook_id: str, now: datetime) -> Delivery | None:
        where = {"webhook_id": webhook_id, "due_at": {"$type": "date", "$lte": now}}
        sort = [("due_at", 1), ("number", 1)]
        rows = await self._rows.find(where, sort=sort, limit=1)
        return _delivery(rows[0]) if rows else None

    async def find(
        self, webhook_id: str, delivery_id: str, session: Session | None = None
    ) -> Delivery | None:
        where = {"_id": delivery_id, "webhook_id": webhook_id}
        row = await self._rows.find_one(where, session)
        return _delivery(row) if row else None

    async def save(self, delivery: Delivery, session: Session | None = None) -> bool:
        """Keep it as it is now; False where somebody else has changed it since it was read."""
        where = {"_id": delivery.id, "version": delivery.version}
        change: dict[str, Any] = {"$set": _progress(delivery), "$inc": {"version": 1}}
        if delivery.due_at is None:
            change["$unset"] = {"due_at": ""}
        return await self._rows.update(where, change, session=session)

    async def drop_waiting(self, webhook_id: str, reason: Reason) -> int:
        where = {"webhook_id": webhook_id, "due_at": {"$type": "date"}}
        kept = {"state": DeliveryState.DROPPED.value, "reason": reason.value}
        change = {"$set": kept, "$unset": {"due_at": ""}, "$inc": {"version": 1}}
        return await self._rows.update_many(where, change)

    async def forget(self, webhook_id: str) -> None:
        await self._rows.delete_many({"webhook_id": webhook_id})

    async def page(
        self, webhook_id: str, state: DeliveryState | None, after: Position | None, limit: int
    ) -> list[Delivery]:
        """Newest first."""
        where: dict[str, Any] = {"webhook_id": webhook_id, **older_than(after)}
        if state is not None:
            where["state"] = state.value
        return [_delivery(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]

    async def waiting(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the one that has been due the longest is."""
        among = {"due_at": {"$type": "date"}}
        oldest = await self._rows.find(among, sort=[("due_at", 1)], limit=1)
        return await self._rows.count(among), oldest[0]["due_at"] if oldest else None


def _row(delivery: Delivery) -> Document:
    return {
        "_id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "place": delivery.place,
        "created_at": delivery.created_at,
        "version": delivery.version,
        **_progress(delivery),
    }


def _progress(delivery: Delivery) -> Document:
    kept = {
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "reason": delivery.reason and delivery.reason.value,
        "status_code": delivery.status_code,
        "delivered_at": delivery.delivered_at,
        "history": [
            {
                "at": one.at,
                "status_code": one.status_code,
                "reason": one.reason and one.reason.value,
            }
            for one in delivery.history
        ],
    }
    return kept if delivery.due_at is None else {**kept, "due_at": delivery.due_at}


def _delivery(row: Document) -> Delivery:
    return Delivery(
        id=row["_id"],
        webhook_id=row["webhook_id"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        place=row["place"],
        created_at=row["created_at"],
        state=DeliveryState(row["state"]),
        due_at=row.get("due_at"),
        attempts=row["attempts"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        status_code=row["status_code"],
        delivered_at=row["delivered_at"],
        history=tuple(
            Attempt(one["at"], one["status_code"], Reason(one["reason"]) if one["reason"] else None)
            for one in row["history"]
        ),
        version=row["version"],
    )
