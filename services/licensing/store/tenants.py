"""Which tenant is whose customer, as far as licensing has heard from tenancy."""

from shared.mongo import Collection, Session


class Tenants:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def is_customer(
        self, reseller_id: str, tenant_id: str, session: Session | None = None
    ) -> bool:
        where = {"_id": tenant_id, "reseller_id": reseller_id}
        return await self._rows.find_one(where, session) is not None

    async def note(self, tenant_id: str, reseller_id: str, name: str, session: Session) -> None:
        """Remember a new tenant; where it is known already, what is known is later than this."""
        facts = {"reseller_id": reseller_id, "name": name}
        await self._rows.update(
            {"_id": tenant_id}, {"$setOnInsert": facts}, upsert=True, session=session
        )
