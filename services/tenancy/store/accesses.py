"""The collection of the access that resellers have asked for, limited in time."""

from collections.abc import Set as AbstractSet
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.tenancy.domain.access_requests import Access, AccessState
from shared.mongo.collection import Index, Session
from shared.mongo.database import Mongo
from shared.sweeps import all_but


class Accesses:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accesses")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("tenant_id", "-requested_at", "-_id"),
            Index("reseller_id", "-requested_at", "-_id"),
            Index("next_at", where={"next_at": {"$type": "date"}}),
        )

    async def get(self, access_id: str, session: Session | None = None) -> Access | None:
        row = await self._rows.find_one({"_id": access_id}, session)
        return _access(row) if row else None

    async def open_ones(
        self, tenant_id: str, reseller_id: str, session: Session | None = None
    ) -> list[Access]:
        """Requested or active ones between these two."""
        is_open = {"$in": [AccessState.REQUESTED.value, AccessState.ACTIVE.value]}
        where = {"tenant_id": tenant_id, "reseller_id": reseller_id, "state": is_open}
        return [_access(row) for row in await self._rows.find(where, session=session)]

    async def page(
        self,
        side: str,
        org: str,
        before: tuple[datetime, str] | None,
        limit: int,
        only: frozenset[str] | None = None,
    ) -> list[Access]:
        """Newest first; `side` is `tenant_id` or `reseller_id`, `only` of these tenants."""
        where: dict[str, Any] = {side: org}
        if only is not None:
            where = {"$and": [where, {"tenant_id": {"$in": sorted(only)}}]}
        if before is not None:
            at, last = before
            where["requested_at"] = {"$lte": at}  # bounds the index; the rest settles equal times
            where["$or"] = [{"requested_at": {"$lt": at}}, {"_id": {"$lt": last}}]
        sort = [(side, 1), ("requested_at", -1), ("_id", -1)]
        return [_access(row) for row in await self._rows.find(where, sort=sort, limit=limit)]

    async def due(self, now: datetime, limit: int, but: AbstractSet[str]) -> list[str]:
        """Those to be looked at, but for these."""
        where = {"next_at": {"$type": "date", "$lte": now}, **all_but(but)}
        rows = await self._rows.find(where, sort=[("next_at", 1)], limit=limit)
        return [row["_id"] for row in rows]

    async def save(self, access: Access, session: Session) -> None:
        row = asdict(access) | {"_id": access.id, "roles": list(access.roles)}
        row["state"] = access.state.value
        del row["id"]
        await self._rows.replace({"_id": access.id}, row, upsert=True, session=session)

    async def forget(self, tenant_id: str, session: Session) -> None:
        """Delete all of a tenant that is gone."""
        await self._rows.delete_many({"tenant_id": tenant_id}, session)


def _access(row: dict[str, Any]) -> Access:
    known = {name: value for name, value in row.items() if name != "_id"}
    known |= {"roles": tuple(row["roles"]), "state": AccessState(row["state"])}
    return Access(id=row["_id"], **known)
