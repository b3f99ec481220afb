"""Addresses that take no mail, as returned mails have told."""

from services.mailer.domain.bounces import Suppression, address_key
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.newest import NEWEST, Position, older_than
from shared.outbox import Transaction


class Suppressions:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("suppressions")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("address_key", unique=True), Index("created_at", "_id"))

    async def has(self, address: str) -> bool:
        return await self._rows.find_one({"address_key": address_key(address)}) is not None

    async def add(self, suppression: Suppression, tx: Transaction) -> None:
        """Keep the first reason; a further one for the same address adds nothing."""
        row = {
            "_id": suppression.id,
            "address": suppression.address,
            "mail_id": suppression.mail_id,
            "status": suppression.status,
            "diagnostic": suppression.diagnostic,
            "created_at": suppression.created_at,
        }
        where = {"address_key": address_key(suppression.address)}
        await self._rows.update(where, {"$setOnInsert": row}, upsert=True, session=tx.session)

    async def page(self, after: Position | None, limit: int) -> list[Suppression]:
        """Newest first."""
        rows = await self._rows.find(older_than(after), sort=NEWEST, limit=limit)
        return [_suppression(row) for row in rows]

    async def lift(self, suppression_id: str, tx: Transaction) -> bool:
        where = {"_id": suppression_id}
        return await self._rows.delete_many(where, session=tx.session) == 1


def _suppression(row: Document) -> Suppression:
    return Suppression(
        row["_id"],
        row["address"],
        row["mail_id"],
        row["status"],
        row["diagnostic"],
        row["created_at"],
    )
