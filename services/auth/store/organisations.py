"""What auth has heard of organisations, and the row that acts on their admins take turns at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.mongo.collection import Document
from shared.mongo.database import Mongo
from shared.outbox import Transaction

DEFAULT_LOCALE: Final = "de"


@dataclass(frozen=True)
class Organisation:
    id: str
    name: str
    locale: str
    is_open: bool = True
    """Whether its people may sign in."""
    closed_at: datetime | None = None
    """When it was last closed; what was signed in until then has ended for good."""
    sequence: int = 0
    """The version that this was heard of."""

    def lets_in(self, started_at: datetime) -> bool:
        """Whether a session that began then may go on."""
        return self.is_open and (self.closed_at is None or started_at > self.closed_at)


class Organisations:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("organisations")

    async def get(self, org: str, tx: Transaction | None = None) -> Organisation:
        """What is known of it; one of which nothing was heard yet is open and called by its id."""
        row = await self._rows.find_one({"_id": org}, session=tx.session if tx else None)
        return organisation_of(org, [row] if row is not None else [])

    async def knows(self, org: str) -> bool:
        """Whether anything was ever heard of it."""
        return await self._rows.find_one({"_id": org, "sequence": {"$gt": 0}}) is not None

    async def note(self, organisation: Organisation, tx: Transaction) -> None:
        facts = {
            "name": organisation.name,
            "locale": organisation.locale,
            "is_open": organisation.is_open,
            "closed_at": organisation.closed_at,
            "sequence": organisation.sequence,
        }
        await self._rows.update(
            {"_id": organisation.id}, {"$set": facts}, upsert=True, session=tx.session
        )

    async def name_of(self, org: str, tx: Transaction | None = None) -> str:
        """What people call it; its id where nothing was heard of it yet."""
        return (await self.get(org, tx)).name

    async def locale_of(self, org: str) -> str:
        """The language of its people unless they say otherwise."""
        return (await self.get(org)).locale

    async def is_open(self, org: str) -> bool:
        return (await self.get(org)).is_open

    async def take_turn(self, org: str, tx: Transaction) -> None:
        """Of two acts that take a turn at the same time, the later one is run again and sees what
        the earlier one did.
        """
        await self._rows.update(
            {"_id": org}, {"$inc": {"turns": 1}}, upsert=True, session=tx.session
        )


def organisation_of(org: str, rows: Sequence[Document]) -> Organisation:
    """What the row of an organisation says, if there is one."""
    row = rows[0] if rows else {}
    return Organisation(
        id=org,
        name=row.get("name", org),
        locale=row.get("locale", DEFAULT_LOCALE),
        is_open=row.get("is_open", True),
        closed_at=row.get("closed_at"),
        sequence=row.get("sequence", 0),
    )
