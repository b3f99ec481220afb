"""Counters of wrong guesses in MongoDB, shared by all replicas and outliving them.

They are written outside any transaction, so that nothing rolls a failure back.
"""

import hashlib
from datetime import datetime, timedelta

from services.auth.domain.throttle import Guess, blocked_until
from shared.mongo import Index, Mongo


class Attempts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("attempts")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("last_at", expire_seconds=int(timedelta(days=1).total_seconds()))
        )

    async def is_blocked(self, guess: Guess, whom: str, now: datetime) -> bool:
        row = await self._rows.find_one({"_id": _key(guess, whom)})
        return row is not None and now < blocked_until(row["failures"], row["last_at"])

    async def failed(self, guess: Guess, whom: str, now: datetime) -> None:
        await self._rows.update(
            {"_id": _key(guess, whom)},
            {"$inc": {"failures": 1}, "$set": {"last_at": now}},
            upsert=True,
        )

    async def succeeded(self, guess: Guess, whom: str) -> None:
        await self._rows.delete_many({"_id": _key(guess, whom)})


def _key(guess: Guess, whom: str) -> str:
    """Names are kept as digests: the counter needs to know that it is the same, not who it is."""
    return f"{guess}:{hashlib.sha256(whom.encode()).hexdigest()}"
