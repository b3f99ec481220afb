"""How resellers want their mails to look."""

from services.mailer.domain.brands import Branding
from shared.mongo.collection import Document
from shared.mongo.database import Mongo
from shared.outbox import Transaction


class Brandings:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("brandings")

    async def of(self, reseller_id: str, tx: Transaction | None = None) -> Branding:
        """What the reseller has chosen; nothing where it has chosen nothing."""
        row = await self._rows.find_one({"_id": reseller_id}, session=tx.session if tx else None)
        return _branding(row) if row else Branding(reseller_id)

    async def save(self, branding: Branding, tx: Transaction) -> None:
        row = {
            "_id": branding.reseller_id,
            "name": branding.name,
            "colour": branding.colour,
            "sender_name": branding.sender_name,
            "logo": branding.logo,
            "version": branding.version,
        }
        where = {"_id": branding.reseller_id}
        await self._rows.replace(where, row, upsert=True, session=tx.session)


def _branding(row: Document) -> Branding:
    return Branding(
        row["_id"], row["name"], row["colour"], row["sender_name"], row["logo"], row["version"]
    )
