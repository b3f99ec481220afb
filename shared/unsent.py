"""Where events wait until the bus has confirmed them: leased rows, each of one process at a time.

The outbox holds them in rows of their own. A document may carry one (`carried`) where it is
all that an act writes: MongoDB writes one document atomically, so that no transaction is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.contracts.events import CloudEvent
from shared.mongo.collection import Collection, Document, Filter, Index

LEASE: Final = timedelta(seconds=15)
_CARRIED: Final = "unsent"


@dataclass(frozen=True)
class Waiting:
    """An event that is not confirmed yet, the row that holds it, and where that is."""

    event: CloudEvent
    row: Document
    home: "Unsent"


class Unsent:
    """Unsent events in one collection. Leases are those of `owner`, a process."""

    def __init__(self, rows: Collection, owner: str, *, carried: bool = False) -> None:
        self.rows = rows
        self._owner = owner
        self._is_carried = carried

    async def prepare(self) -> None:
        """A document carries an event for a moment only; the indexes hold just those."""
        until, since = self._field("leased_until"), self._field("filed_at")
        where = {until: {"$exists": True}} if self._is_carried else None
        await self.rows.ensure(Index(until, where=where), Index(since, where=where))

    def filed(self, event: CloudEvent, document: Document | None = None) -> Waiting:
        """An event that this process will publish, in a row of its own or on a document."""
        waits = {
            "event": event.to_json().decode(),
            "filed_at": event.time,
            "owner": self._owner,
            "leased_until": event.time + LEASE,
        }
        if document is None:
            return Waiting(event, {"_id": event.id, **waits}, self)
        return Waiting(event, {**document, _CARRIED: waits}, self)

    async def oldest(self) -> datetime | None:
        """Since when the oldest event waits; None where there is none."""
        where = self._waiting()
        rows = await self.rows.find(where, sort=[(self._field("filed_at"), 1)], limit=1)
        return self._waits(rows[0])["filed_at"] if rows else None

    async def take_over(self, now: datetime, most: int) -> list[Waiting]:
        """Lease events whose lease has run out: their process died or the bus was away."""
        until, owner = self._field("leased_until"), self._field("owner")
        due = {until: {"$lt": now}}
        left = await self.rows.find(due, sort=[(until, 1)], limit=most)
        ids = {"_id": {"$in": [row["_id"] for row in left]}}
        if not left:
            return []
        lease = {owner: self._owner, until: now + LEASE}
        await self.rows.update_many({**ids, **due}, {"$set": lease})
        rows = await self.rows.find(
            {**ids, owner: self._owner}, sort=[(self._field("filed_at"), 1)]
        )
        return [Waiting(self._event(row), row, self) for row in rows]

    async def forget(self, sent: Sequence[Waiting]) -> None:
        """The bus has confirmed these: forget that they ever waited."""
        where = self._mine(sent)
        if self._is_carried:
            await self.rows.update_many(where, {"$unset": {_CARRIED: ""}})
        else:
            await self.rows.delete_many(where)

    async def postpone(self, unsent: Sequence[Waiting], until: datetime) -> None:
        await self.rows.update_many(
            self._mine(unsent), {"$set": {self._field("leased_until"): until}}
        )

    def _mine(self, some: Sequence[Waiting]) -> Filter:
        ids = {"_id": {"$in": [one.row["_id"] for one in some]}}
        return {**ids, self._field("owner"): self._owner}

    def _waiting(self) -> Filter:
        return {self._field("leased_until"): {"$exists": True}} if self._is_carried else {}

    def _waits(self, row: Document) -> Document:
        return row[_CARRIED] if self._is_carried else row

    def _event(self, row: Document) -> CloudEvent:
        return CloudEvent.model_validate_json(self._waits(row)["event"])

    def _field(self, name: str) -> str:
        return f"{_CARRIED}.{name}" if self._is_carried else name
