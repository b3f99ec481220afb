"""What auth has heard of organisations, and the row that acts on their admins take turns at."""

from dataclasses import dataclass
from typing import Final

from shared.mongo import Mongo
from shared.outbox import Transaction

DEFAULT_LOCALE: Final = "de"


@dataclass(frozen=True)
class Organisation:
    id: str
    name: str
    locale: str


class Organisations:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("organisations")

    async def note(self, organisation: Organisation, tx: Transaction) -> None:
        facts = {"name": organisation.name, "locale": organisation.locale}
        await self._rows.update(
            {"_id": organisation.id}, {"$set": facts}, upsert=True, session=tx.session
        )

    async def name_of(self, org: str, tx: Transaction | None = None) -> str:
        """What people call it; its id where nothing was heard of it yet."""
        row = await self._rows.find_one({"_id": org}, session=tx.session if tx else None)
        return str(row["name"]) if row is not None and "name" in row else org

    async def locale_of(self, org: str) -> str:
        """The language of its people unless they say otherwise."""
        row = await self._rows.find_one({"_id": org})
        return str(row["locale"]) if row is not None and "locale" in row else DEFAULT_LOCALE

    async def take_turn(self, org: str, tx: Transaction) -> None:
        """Of two acts that take a turn at the same time, the later one is run again and sees what
        the earlier one did.
        """
        await self._rows.update(
            {"_id": org}, {"$inc": {"turns": 1}}, upsert=True, session=tx.session
        )
