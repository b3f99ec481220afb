"""Refused sign-ins, counted: an account's by the minute, those of nobody we know by the hour.

Whoever tries a million names or passwords makes a counter grow, and neither the database nor the
activity. Known or not, a refusal is the same one write.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.mongo.collection import Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction
from shared.sweeps import all_but


@dataclass(frozen=True)
class Refusals:
    """How often somebody was refused in one stretch of time."""

    id: str
    org: str
    account_id: str | None
    """None for all names together that no account of the organisation has."""
    method: str
    count: int
    held_back: bool
    """Whether it came so far that further tries had to wait."""
    since: datetime


class RefusalCounters:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("refusals")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("due_at"))

    async def count(
        self, org: str, account_id: str | None, method: str, now: datetime, *, held_back: bool
    ) -> None:
        stretch = timedelta(minutes=1) if account_id else timedelta(hours=1)
        since = now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % stretch
        known = {
            "org": org,
            "account_id": account_id,
            "method": method,
            "since": since,
            "due_at": since + stretch,
        }
        change = {"$inc": {"count": 1}, "$max": {"held_back": held_back}, "$setOnInsert": known}
        where = {"_id": f"{org}/{account_id or '-'}/{method}/{since.isoformat()}"}
        await self._rows.update(where, change, upsert=True)

    async def due(self, now: datetime, limit: int, but: AbstractSet[str]) -> list[str]:
        """Those whose stretch of time is over, but for these."""
        where = {"due_at": {"$lte": now}, **all_but(but)}
        rows = await self._rows.find(where, sort=[("due_at", 1)], limit=limit)
        return [row["_id"] for row in rows]

    async def take(self, refusals_id: str, tx: Transaction) -> Refusals | None:
        """Out of the collection, once."""
        row = await self._rows.find_one({"_id": refusals_id}, tx.session)
        if row is None:
            return None
        await self._rows.delete_many({"_id": refusals_id}, tx.session)
        return Refusals(
            id=row["_id"],
            org=row["org"],
            account_id=row["account_id"],
            method=row["method"],
            count=row["count"],
            held_back=row["held_back"],
            since=row["since"],
        )
