"""Which customers there are for one of a reseller's staff, as was heard from tenancy."""

from shared.mongo.collection import Collection, Session


class StaffLimits:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def only(self, account_id: str, session: Session | None = None) -> frozenset[str] | None:
        """None for all of the reseller's."""
        row = await self._rows.find_one({"_id": account_id}, session)
        return None if row is None or row["customers"] is None else frozenset(row["customers"])

    async def note(
        self, account_id: str, customers: list[str] | None, sequence: int, session: Session
    ) -> None:
        """Keep what is told, unless something later is known."""
        row = await self._rows.find_one({"_id": account_id}, session)
        if row is None or row["sequence"] < sequence:
            kept = {"customers": customers, "sequence": sequence}
            where = {"_id": account_id}
            await self._rows.update(where, {"$set": kept}, upsert=True, session=session)
