"""What others send and what is good once; kept until it is too old anyway."""

import hashlib
from datetime import datetime, timedelta

from shared.mongo.collection import Index
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction


class Spent:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("spent")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("at", expire_seconds=int(timedelta(hours=1).total_seconds())))

    async def spend(
        self, kind: str, value: str, now: datetime, tx: Transaction | None = None
    ) -> bool:
        """Take this value, once: of many parallel tries one hears True. An act in which it was
        taken already has failed and can only be given up.
        """
        digest = hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
        try:
            await self._rows.insert({"_id": digest, "at": now}, session=tx.session if tx else None)
        except DuplicateKeyError:
            return False
        return True
