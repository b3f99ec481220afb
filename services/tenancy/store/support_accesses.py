"""The collection of the vendor support's entrances into tenants, each with its reason."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.tenancy.domain.support_access import SupportAccess
from shared.mongo.collection import Index, Session
from shared.mongo.database import Mongo


class SupportAccesses:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("support_accesses")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("tenant_id", "account", "ends_at"), Index("tenant_id", "-begins_at")
        )

    async def get(self, access_id: str, session: Session) -> SupportAccess | None:
        row = await self._rows.find_one({"_id": access_id}, session)
        return _support(row) if row else None

    async def of(self, tenant_id: str, account: str, now: datetime) -> list[SupportAccess]:
        """What is not over yet of this person's."""
        where = {"tenant_id": tenant_id, "account": account, "ends_at": {"$gt": now}}
        return [_support(row) for row in await self._rows.find(where)]

    async def latest(self, tenant_id: str, limit: int) -> list[SupportAccess]:
        sort = [("tenant_id", 1), ("begins_at", -1)]
        rows = await self._rows.find({"tenant_id": tenant_id}, sort=sort, limit=limit)
        return [_support(row) for row in rows]

    async def save(self, access: SupportAccess, session: Session) -> None:
        row = asdict(access) | {"_id": access.id}
        del row["id"]
        await self._rows.replace({"_id": access.id}, row, upsert=True, session=session)

    async def forget(self, tenant_id: str, session: Session) -> None:
        """Delete all of a tenant that is gone."""
        await self._rows.delete_many({"tenant_id": tenant_id}, session)


def _support(row: dict[str, Any]) -> SupportAccess:
    known = {name: value for name, value in row.items() if name != "_id"}
    return SupportAccess(id=row["_id"], **known)
