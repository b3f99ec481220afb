"""The collection of what customers let their resellers do."""

from typing import Any

from services.tenancy.domain.delegation import Delegation, Level
from shared.mongo.collection import Session
from shared.mongo.database import Mongo


class Delegations:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("delegations")

    async def get(self, tenant_id: str, session: Session | None = None) -> Delegation:
        row = await self._rows.find_one({"_id": tenant_id}, session)
        return (
            Delegation(tenant_id, Level(row["level"]), row["version"])
            if row
            else Delegation(tenant_id)
        )

    async def save(self, delegation: Delegation, session: Session) -> None:
        row: dict[str, Any] = {
            "_id": delegation.tenant_id,
            "level": delegation.level.value,
            "version": delegation.version,
        }
        await self._rows.replace({"_id": row["_id"]}, row, upsert=True, session=session)

    async def forget(self, tenant_id: str, session: Session) -> None:
        await self._rows.delete_many({"_id": tenant_id}, session)
