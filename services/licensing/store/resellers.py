"""Which resellers there are and which of them may order, as far as was heard from tenancy."""

from collections.abc import AsyncIterator
from typing import Any, Final

from services.licensing.domain.resellers import KnownReseller
from shared.mongo.collection import Collection, Session

_BATCH: Final = 200


class Resellers:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def get(self, reseller_id: str, session: Session | None = None) -> KnownReseller | None:
        row = await self._rows.find_one({"_id": reseller_id}, session)
        return _reseller(row) if row else None

    async def note(self, reseller: KnownReseller, session: Session) -> None:
        facts = {
            "name": reseller.name,
            "is_authorised": reseller.is_authorised,
            "sequence": reseller.sequence,
        }
        await self._rows.update({"_id": reseller.id}, {"$set": facts}, upsert=True, session=session)

    async def all(self) -> AsyncIterator[KnownReseller]:
        after = ""
        while rows := await self._rows.find(
            {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=_BATCH
        ):
            for row in rows:
                yield _reseller(row)
            after = rows[-1]["_id"]

    async def set_own_tenant(self, reseller_id: str, tenant_id: str, session: Session) -> bool:
        """Keep which tenant is the reseller's own; False where there is no such reseller yet."""
        where, change = {"_id": reseller_id}, {"$set": {"own_tenant_id": tenant_id}}
        return await self._rows.update(where, change, session=session)

    async def claim_own_tenant(self, reseller_id: str, tenant_id: str, session: Session) -> bool:
        """Whether this is the reseller's own tenant; where it has none yet, it is from now on."""
        where = {"_id": reseller_id, "own_tenant_id": {"$in": [None, tenant_id]}}
        return await self._rows.update(
            where, {"$set": {"own_tenant_id": tenant_id}}, session=session
        )


def _reseller(row: dict[str, Any]) -> KnownReseller:
    return KnownReseller(
        row["_id"], row["name"], row.get("is_authorised", True), row.get("sequence", 0)
    )
