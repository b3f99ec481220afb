"""What customers let their resellers do, kept from tenancy's events."""

from typing import Final

from shared.mongo.database import Mongo
from shared.outbox import Transaction

_UNLESS_SAID: Final = "full"


class Delegations:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("delegations")

    async def level_in(self, tenant: str, tx: Transaction) -> str:
        row = await self._rows.find_one({"_id": tenant}, session=tx.session)
        return row["level"] if row is not None else _UNLESS_SAID

    async def note(self, tenant: str, level: str, sequence: int, tx: Transaction) -> bool:
        """Keep what was told; False where something later is known."""
        known = await self._rows.find_one({"_id": tenant}, session=tx.session)
        if known is not None and known["sequence"] >= sequence:
            return False
        told = {"_id": tenant, "level": level, "sequence": sequence}
        await self._rows.replace({"_id": tenant}, told, upsert=True, session=tx.session)
        return True
