"""The collection of the chains' heads, as they were vouched for."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from shared.mongo.collection import Collection, Index, Session
from shared.mongo.database import Mongo
from shared.sweeps import all_but


class Heads:
    def __init__(self, mongo: Mongo) -> None:
        self._rows: Collection = mongo.collection("activity_heads")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("oldest_at"))

    async def statement(self, chain: str, session: Session | None = None) -> str | None:
        """The signed statement; what else a row says of the chain's ends is never believed."""
        row = await self._rows.find_one({"_id": chain}, session)
        return row["statement"] if row else None

    async def begin(
        self, chain: str, statement: str, oldest_at: datetime, session: Session
    ) -> None:
        """DuplicateKeyError where another replica has begun this chain meanwhile."""
        row = {"_id": chain, "statement": statement, "oldest_at": oldest_at}
        await self._rows.insert(row, session=session)

    async def move(self, chain: str, statement: str, session: Session) -> None:
        await self._rows.update({"_id": chain}, {"$set": {"statement": statement}}, session=session)

    async def note_oldest(
        self, chain: str, oldest_at: datetime, session: Session | None = None
    ) -> None:
        """When the chain is next to be looked at for what is too old."""
        await self._rows.update({"_id": chain}, {"$set": {"oldest_at": oldest_at}}, session=session)

    async def older_than(self, instant: datetime, limit: int, but: AbstractSet[str]) -> list[str]:
        """Chains whose oldest row is from before this instant, the oldest first, but for these."""
        where = {"oldest_at": {"$lt": instant}, **all_but(but)}
        rows = await self._rows.find(where, sort=[("oldest_at", 1)], limit=limit)
        return [row["_id"] for row in rows]

    async def chains(self) -> list[str]:
        return [row["_id"] for row in await self._rows.find({}, sort=[("_id", 1)])]
