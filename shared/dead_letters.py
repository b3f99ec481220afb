"""Dead letters: events that their reader could not handle, kept in its database for a person.

A service has at most one letter of an event. What RabbitMQ put aside by itself joins them, so that
there is one place to look at.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from shared.bus import DeadMessage
from shared.contracts.events import CloudEvent
from shared.ids import OPAQUE_PATTERN
from shared.mongo.collection import Index, Session
from shared.mongo.database import Mongo
from shared.newest import NEWEST, Position, older_than

KEPT_DAYS: Final = 60
"""Less than the inbox remembers, so that no letter is replayed whose effect is forgotten."""
_TEXT_LIMIT: Final = 200_000
"""Bytes that are kept of a message that is no event."""
_NO_EVENT: Final = "no event"
_PARTICULARS: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\b[0-9a-f-]{8,}\b|[0-9]+(?:\.[a-z]+)?")


@dataclass(frozen=True)
class DeadLetter:
    """An event that could not be handled, and why."""

    id: str
    text: str
    """The message as it came, or as it was edited since."""
    type: str
    tenant_id: str | None
    cause: str
    """The same for letters of one type that failed in the same way."""
    reason: str
    attempts: int
    parked_at: datetime
    version: int

    @property
    def event(self) -> CloudEvent | None:
        """None where the message is no event at all."""
        if self.type == _NO_EVENT:
            return None  # also where it looks like one: nobody believed it when it came
        try:
            return CloudEvent.model_validate_json(self.text)
        except ValidationError:
            return None


@dataclass(frozen=True)
class Selection:
    """Which letters; what is None doesn't matter."""

    ids: tuple[str, ...] | None = None
    tenant_id: str | None = None
    type: str | None = None
    cause: str | None = None

    @property
    def is_everything(self) -> bool:
        return self == Selection()

    def where(self) -> dict[str, Any]:
        given = {"tenant_id": self.tenant_id, "type": self.type, "cause": self.cause}
        found: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return found if self.ids is None else {**found, "_id": {"$in": list(self.ids)}}


@dataclass(frozen=True)
class CauseCount:
    """How many letters there are of one cause."""

    cause: str
    type: str
    reason: str
    """That of one of them."""
    count: int
    first_at: datetime
    last_at: datetime


def letter_id(event_id: str) -> str:
    """The event's own id, or what stands for one that could not be part of a path."""
    return event_id if re.fullmatch(OPAQUE_PATTERN, event_id) else _digest(event_id)[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def cause_of(event_type: str, reason: str) -> str:
    """A short name for this way of failing, whatever ids and numbers the reason has in it."""
    return _digest(f"{event_type} {_PARTICULARS.sub('#', reason)}")[:12]


class DeadLetters:
    """The dead letters of one service."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("dead_letters")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("-created_at", "-_id"),
            Index("cause", "created_at"),
            Index("created_at", expire_seconds=KEPT_DAYS * 86400),
        )

    async def keep(
        self, event: CloudEvent, reason: str, attempts: int, at: datetime, session: Session
    ) -> None:
        key, text = letter_id(event.id), event.to_json().decode()
        row = _row(text, event.type, event.tenantid, reason, attempts, at)
        await self._keep(key, row, session)

    async def keep_message(self, dead: DeadMessage, at: datetime) -> None:
        """Keep what the broker has put aside, be it an event or not."""
        event, said = dead.event, (dead.reason, dead.attempts, at)
        if event is None:
            text = dead.body[:_TEXT_LIMIT].decode(errors="replace")
            key = hashlib.sha256(dead.body).hexdigest()[:32]
            await self._keep(key, _row(text, _NO_EVENT, None, *said), None)
        else:
            row = _row(event.to_json().decode(), event.type, event.tenantid, *said)
            await self._keep(letter_id(event.id), row, None)

    async def _keep(self, key: str, row: Mapping[str, Any], session: Session | None) -> None:
        change = {"$set": row, "$inc": {"version": 1}}
        await self._rows.update({"_id": key}, change, upsert=True, session=session)

    async def find(self, key: str, session: Session | None = None) -> DeadLetter | None:
        """The letter with this id (`letter_id`), None where there is none."""
        row = await self._rows.find_one({"_id": key}, session)
        return _letter(row) if row else None

    async def newest(
        self, which: Selection, limit: int, after: Position | None
    ) -> list[DeadLetter]:
        where = {"$and": [which.where(), older_than(after)]}
        return [_letter(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]

    async def oldest_ids(self, which: Selection, limit: int) -> list[str]:
        rows = await self._rows.find(which.where(), sort=[("created_at", 1)], limit=limit)
        return [row["_id"] for row in rows]

    async def count(self, which: Selection) -> int:
        return await self._rows.count(which.where())

    async def causes(self, which: Selection) -> list[CauseCount]:
        """The causes of these letters, the most frequent first."""
        group = {
            "_id": "$cause",
            "type": {"$first": "$type"},
            "reason": {"$first": "$reason"},
            "count": {"$sum": 1},
            "first_at": {"$min": "$created_at"},
            "last_at": {"$max": "$created_at"},
        }
        rows = await self._rows.aggregate(
            [{"$match": which.where()}, {"$group": group}, {"$sort": {"count": -1, "_id": 1}}]
        )
        return [CauseCount(cause=row.pop("_id"), **row) for row in rows]

    async def waiting(self) -> dict[str, int]:
        """How many letters there are, by type."""
        counts = await self._rows.aggregate([{"$group": {"_id": "$type", "count": {"$sum": 1}}}])
        return {row["_id"]: row["count"] for row in counts}

    async def edit(self, key: str, event: CloudEvent, version: int, session: Session) -> None:
        """Put this event in the letter's stead, in the transaction that has read this version."""
        change = {"$set": {"event": event.to_json().decode()}, "$inc": {"version": 1}}
        await self._rows.update({"_id": key, "version": version}, change, session=session)

    async def drop(self, key: str, session: Session) -> None:
        await self._rows.delete_many({"_id": key}, session=session)


def _row(
    text: str, kind: str, tenant_id: str | None, reason: str, attempts: int, at: datetime
) -> dict[str, Any]:
    return {
        "event": text,
        "type": kind,
        "tenant_id": tenant_id,
        "cause": cause_of(kind, reason),
        "reason": reason,
        "attempts": attempts,
        "created_at": at,
    }


def _letter(row: Mapping[str, Any]) -> DeadLetter:
    return DeadLetter(
        id=row["_id"],
        text=row["event"],
        type=row["type"],
        tenant_id=row["tenant_id"],
        cause=row["cause"],
        reason=row["reason"],
        attempts=row["attempts"],
        parked_at=row["created_at"],
        version=row["version"],
    )
