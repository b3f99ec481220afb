"""The collection of resellers."""

from typing import Any

from services.tenancy.domain.resellers import Reseller, ResellerStatus
from shared.mongo.collection import Collection, Index, Session


class Resellers:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(Index("status", "_id"))

    async def get(self, reseller_id: str, session: Session | None = None) -> Reseller | None:
        row = await self._rows.find_one({"_id": reseller_id}, session)
        return _reseller(row) if row else None

    async def page(
        self, status: ResellerStatus | None, after: str | None, limit: int
    ) -> list[Reseller]:
        """Resellers by id, after this one."""
        where: dict[str, Any] = {"status": status.value} if status else {}
        if after is not None:
            where["_id"] = {"$gt": after}
        return [
            _reseller(row) for row in await self._rows.find(where, sort=[("_id", 1)], limit=limit)
        ]

    async def add(self, reseller: Reseller, session: Session) -> None:
        """Keep a new one; DuplicateKeyError where its id is taken."""
        await self._rows.insert(_row(reseller), session=session)

    async def save(self, reseller: Reseller, *, was: int, session: Session) -> bool:
        """Replace the reseller where its version is still the one that was read."""
        where = {"_id": reseller.id, "version": was}
        return await self._rows.replace(where, _row(reseller), session=session)


def _row(reseller: Reseller) -> dict[str, Any]:
    return {
        "_id": reseller.id,
        "name": reseller.name,
        "status": reseller.status.value,
        "locale": reseller.locale,
        "version": reseller.version,
        "created_at": reseller.created_at,
        "email_domains": list(reseller.email_domains),
    }


def _reseller(row: dict[str, Any]) -> Reseller:
    return Reseller(
        id=row["_id"],
        name=row["name"],
        status=ResellerStatus(row["status"]),
        locale=row["locale"],
        version=row["version"],
        created_at=row["created_at"],
        email_domains=tuple(row.get("email_domains", ())),
    )
