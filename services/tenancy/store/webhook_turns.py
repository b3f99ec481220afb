"""Whose turn it is to send to a webhook, and how that has fared.

A turn is apart from what people edit, so that neither stands in the other's way. `until` says until
when nobody else sends to a webhook: because somebody does, or because it rests.
"""

from dataclasses import dataclass
from datetime import datetime

from shared.mongo.collection import Document, Index, Session
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError


@dataclass(frozen=True)
class Turn:
    """Somebody's turn at a webhook, and how it has fared so far."""

    webhook_id: str
    owner: str
    failures: int = 0
    """In a row, over all deliveries."""
    failing_since: datetime | None = None
    is_told: bool = False
    """Whether its reseller has been told that it fails."""


class Turns:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("webhook_turns")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("until"))

    async def busy(self, now: datetime) -> list[str]:
        """Webhooks that are not to be looked at now."""
        return [row["_id"] for row in await self._rows.find({"until": {"$gt": now}})]

    async def take(
        self, webhook_id: str, owner: str, now: datetime, until: datetime
    ) -> Turn | None:
        """None where it is somebody else's turn, or nobody's."""
        where = {"_id": webhook_id, "until": {"$lte": now}}
        change = {"$set": {"owner": owner, "until": until}}
        try:
            row = await self._rows.claim(where, change, upsert=True)
        except DuplicateKeyError:
            return None
        return _turn(row) if row else None

    async def keep(self, turn: Turn, until: datetime, session: Session | None = None) -> bool:
        """Go on until then at most; False where it is somebody else's turn by now."""
        where = {"_id": turn.webhook_id, "owner": turn.owner}
        change = {"$set": {**_fared(turn), "until": until}}
        return await self._rows.update(where, change, session=session)

    async def end(self, turn: Turn, rest_until: datetime) -> None:
        """It is nobody's turn until then, and anybody's afterwards."""
        where = {"_id": turn.webhook_id, "owner": turn.owner}
        change = {"$set": {**_fared(turn), "until": rest_until, "owner": None}}
        await self._rows.update(where, change)

    async def failing(self, webhook_ids: list[str]) -> dict[str, datetime]:
        """Since when those of these that fail have been failing."""
        where = {"_id": {"$in": webhook_ids}, "failing_since": {"$type": "date"}}
        return {row["_id"]: row["failing_since"] for row in await self._rows.find(where)}

    async def begin_anew(self, webhook_id: str, session: Session) -> None:
        """It rests no more and nothing is known of failures; whoever sends just now goes on."""
        await self._rows.delete_many({"_id": webhook_id, "owner": None}, session=session)


def _fared(turn: Turn) -> Document:
    return {
        "failures": turn.failures,
        "failing_since": turn.failing_since,
        "is_told": turn.is_told,
    }


def _turn(row: Document) -> Turn:
    return Turn(
        row["_id"],
        row["owner"],
        row.get("failures", 0),
        row.get("failing_since"),
        row.get("is_told", False),
    )
