"""Which resellers there are, as far as licensing has heard from tenancy."""

from shared.mongo import Collection, Session


class Resellers:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def knows(self, reseller_id: str, session: Session | None = None) -> bool:
        return await self._rows.find_one({"_id": reseller_id}, session) is not None

    async def note(self, reseller_id: str, name: str, session: Session) -> None:
        await self._rows.update(
            {"_id": reseller_id}, {"$set": {"name": name}}, upsert=True, session=session
        )
