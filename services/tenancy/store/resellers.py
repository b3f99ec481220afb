"""The collection of resellers."""

from typing import Any

from services.tenancy.domain.resellers import Reseller, ResellerStatus
from shared.mongo import Collection, Session


class Resellers:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def get(self, reseller_id: str, session: Session | None = None) -> Reseller | None:
        row = await self._rows.find_one({"_id": reseller_id}, session)
        return _reseller(row) if row else None

    async def add(self, reseller: Reseller, session: Session) -> None:
        """Keep a new one; DuplicateKeyError where there is one of this id."""
        await self._rows.insert(_row(reseller), session=session)


def _row(reseller: Reseller) -> dict[str, Any]:
    return {
        "_id": reseller.id,
        "name": reseller.name,
        "status": reseller.status.value,
        "locale": reseller.locale,
        "version": reseller.version,
        "created_at": reseller.created_at,
    }


def _reseller(row: dict[str, Any]) -> Reseller:
    return Reseller(
        id=row["_id"],
        name=row["name"],
        status=ResellerStatus(row["status"]),
        locale=row["locale"],
        version=row["version"],
        created_at=row["created_at"],
    )
