"""What became of the Reseller Portal's messages, for as long as somebody may ask."""

from datetime import datetime, timedelta
from typing import Any, Final

from services.tenancy.domain.sync import Outcome, SyncMessage
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.newest import NEWEST, Position, older_than
from shared.outbox import Transaction

KEPT: Final = timedelta(days=90)


class SyncMessages:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("sync_messages")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("-created_at", "-_id"),
            Index("outcome", "-created_at", "-_id"),
            Index("reseller_id", "-created_at", "-_id"),
            Index("created_at", expire_seconds=int(KEPT.total_seconds())),
        )

    async def add(self, message: SyncMessage, tx: Transaction) -> None:
        row = {
            "_id": message.id,
            "message_id": message.message_id,
            "message_type": message.message_type,
            "record": message.record,
            "reseller_id": message.reseller_id,
            "outcome": message.outcome.value,
            "reason": message.reason,
            "detail": message.detail,
            "created_at": message.created_at,
        }
        await self._rows.insert(row, session=tx.session)

    async def count_rejected(self, reason: str, since: datetime, tx: Transaction) -> int:
        where = {
            "outcome": Outcome.REJECTED.value,
            "created_at": {"$gt": since},
            "reason": reason,
        }
        return await self._rows.count(where, tx.session)

    async def page(
        self, outcome: Outcome | None, reseller_id: str | None, after: Position | None, limit: int
    ) -> list[SyncMessage]:
        """Newest first."""
        where: dict[str, Any] = older_than(after)
        if outcome is not None:
            where["outcome"] = outcome.value
        if reseller_id is not None:
            where["reseller_id"] = reseller_id
        return [_message(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]


def _message(row: Document) -> SyncMessage:
    return SyncMessage(
        id=row["_id"],
        message_id=row["message_id"],
        message_type=row["message_type"],
        record=row["record"],
        reseller_id=row["reseller_id"],
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        detail=row["detail"],
        created_at=row["created_at"],
    )
