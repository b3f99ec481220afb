"""Counters of what sources asked for without an account, one document per source and window."""

import hashlib
from datetime import datetime, timedelta

from services.licensing.domain.visits import Allowance, Visit
from shared.mongo.collection import Collection, Index


class Visits:
    """The source is kept as a digest: that it is the same matters, not who it is."""

    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        life = int(timedelta(hours=1).total_seconds())
        await self._rows.ensure(Index("ends_at", expire_seconds=life))

    async def count(self, visit: Visit, source: str, allowed: Allowance, now: datetime) -> int:
        """Count one more and say how many that makes in this window."""
        row = await self._rows.claim(
            {"_id": _key(visit, source, allowed, now)},
            {"$inc": {"visits": 1}, "$setOnInsert": {"ends_at": allowed.window_of(now)[1]}},
            upsert=True,
        )
        return int(row["visits"]) if row else 1

    async def so_far(self, visit: Visit, source: str, allowed: Allowance, now: datetime) -> int:
        row = await self._rows.find_one({"_id": _key(visit, source, allowed, now)})
        return int(row["visits"]) if row else 0


def _key(visit: Visit, source: str, allowed: Allowance, now: datetime) -> str:
    begins_at, _ = allowed.window_of(now)
    return f"{visit}:{int(begins_at.timestamp())}:{hashlib.sha256(source.encode()).hexdigest()}"
