"""The collection of licences."""

from datetime import date
from typing import Any

from services.licensing.domain.licences import Licence, LicenceModel
from services.licensing.store.newest import NEWEST, Position, older_than
from shared.mongo import Collection, Index, Session


class Licences:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("key", unique=True),
            Index("order_id", unique=True, where={"order_id": {"$type": "string"}}),
            Index("tenant_id", "-created_at", "-_id"),
        )

    async def get(
        self, tenant_id: str, licence_id: str, session: Session | None = None
    ) -> Licence | None:
        row = await self._rows.find_one({"_id": licence_id, "tenant_id": tenant_id}, session)
        return _licence(row) if row else None

    async def by_key(self, key: str) -> Licence | None:
        """The licence of this key, whoever its tenant is: who has the key is let in by it."""
        row = await self._rows.find_one({"key": key})
        return _licence(row) if row else None

    async def newest(self, tenant_id: str, after: Position | None, limit: int) -> list[Licence]:
        where = {"tenant_id": tenant_id, **older_than(after)}
        return [_licence(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]

    async def add(self, licence: Licence, session: Session) -> None:
        """Keep a new one; DuplicateKeyError where there is one of this id or for this order."""
        await self._rows.insert(_row(licence), session=session)


def _row(licence: Licence) -> dict[str, Any]:
    return {
        "_id": licence.id,
        "key": licence.key,
        "product": licence.product,
        "model": licence.model.value,
        "seats": licence.seats,
        "starts_on": licence.starts_on.isoformat(),
        "ends_on": licence.ends_on.isoformat(),
        "tenant_id": licence.tenant_id,
        "reseller_id": licence.reseller_id,
        "order_id": licence.order_id,
        "created_at": licence.created_at,
        "version": licence.version,
    }


def _licence(row: dict[str, Any]) -> Licence:
    return Licence(
        id=row["_id"],
        key=row["key"],
        product=row["product"],
        model=LicenceModel(row["model"]),
        seats=row["seats"],
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        tenant_id=row["tenant_id"],
        reseller_id=row["reseller_id"],
        order_id=row["order_id"],
        created_at=row["created_at"],
        version=row["version"],
        seats_freed=row.get("seats_freed", 0),
    )
