"""The collection of quotas, one for a reseller and a product."""

from typing import Any

from services.licensing.domain.quotas import Quota
from shared.mongo.collection import Collection, Index, Session
from shared.mongo.errors import DuplicateKeyError


class Quotas:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(Index("reseller_id", "product"))

    async def draw(self, reseller_id: str, product: str, seats: int, session: Session) -> bool:
        """Count so many seats as drawn, if there is a quota and it suffices. Fewer than none come
        back.
        """
        where: dict[str, Any] = {"_id": _id(reseller_id, product)}
        if seats > 0:
            enough = {"$lte": [{"$add": ["$drawn", seats]}, "$seats"]}
            where["$expr"] = {"$or": [{"$eq": ["$seats", None]}, enough]}
        return await self._rows.update(where, {"$inc": {"drawn": seats}}, session=session)

    async def has(self, reseller_id: str, product: str, session: Session) -> bool:
        return await self._rows.find_one({"_id": _id(reseller_id, product)}, session) is not None

    async def of_reseller(self, reseller_id: str) -> list[Quota]:
        rows = await self._rows.find({"reseller_id": reseller_id}, sort=[("product", 1)])
        return [_quota(row) for row in rows]

    async def get(self, reseller_id: str, product: str) -> Quota:
        """The quota; one of version 0 without a limit where none was ever set."""
        row = await self._rows.find_one({"_id": _id(reseller_id, product)})
        return _quota(row) if row else Quota(reseller_id, product, seats=None)

    async def put(self, quota: Quota, *, was: int) -> bool:
        """Set the limit, if this version is still the last and no more is drawn already."""
        if was == 0:
            return await self._add(quota)
        where: dict[str, Any] = {"_id": _id(quota.reseller_id, quota.product), "version": was}
        if quota.seats is not None:
            where["drawn"] = {"$lte": quota.seats}
        change = {"$set": {"seats": quota.seats}, "$inc": {"version": 1}}
        return await self._rows.update(where, change)

    async def _add(self, quota: Quota) -> bool:
        row = {
            "_id": _id(quota.reseller_id, quota.product),
            "reseller_id": quota.reseller_id,
            "product": quota.product,
            "seats": quota.seats,
            "drawn": 0,
            "version": 1,
        }
        try:
            await self._rows.insert(row)
        except DuplicateKeyError:
            return False
        return True


def _id(reseller_id: str, product: str) -> str:
    return f"{reseller_id}/{product}"


def _quota(row: dict[str, Any]) -> Quota:
    return Quota(row["reseller_id"], row["product"], row["seats"], row["drawn"], row["version"])
