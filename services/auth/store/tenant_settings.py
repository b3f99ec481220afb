"""What auth knows of tenants' settings, kept from tenancy's events."""

from datetime import datetime

from shared.mongo import Mongo
from shared.outbox import Transaction


class TenantSettings:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("tenant_settings")

    async def totp_required_from(self, org: str) -> datetime | None:
        """The date that this organisation has set for itself, where it has."""
        row = await self._rows.find_one({"_id": org})
        return row["totp_required_from"] if row is not None else None

    async def note(
        self, org: str, totp_required_from: datetime | None, sequence: int, tx: Transaction
    ) -> None:
        """Keep what was told, unless something later is known."""
        known = await self._rows.find_one({"_id": org}, session=tx.session)
        if known is not None and known["sequence"] >= sequence:
            return
        told = {"_id": org, "totp_required_from": totp_required_from, "sequence": sequence}
        await self._rows.replace({"_id": org}, told, upsert=True, session=tx.session)
