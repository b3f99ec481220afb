"""When somebody was last told of a cause of trouble with the synchronisation."""

from datetime import datetime

from shared.mongo.database import Mongo
from shared.outbox import Transaction


class SyncTroubles:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("sync_troubles")

    async def told_at(self, cause: str, tx: Transaction) -> datetime | None:
        row = await self._rows.find_one({"_id": cause}, tx.session)
        return row["told_at"] if row else None

    async def note(self, cause: str, at: datetime, tx: Transaction) -> None:
        told = {"$set": {"told_at": at}}
        await self._rows.update({"_id": cause}, told, upsert=True, session=tx.session)
