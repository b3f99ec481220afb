"""The last comparison of each service's records of a reseller with the Reseller Portal's."""

from itertools import groupby, islice
from typing import Final

from services.tenancy.domain.drift import Differing, Drift
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction

_SERVICES: Final = 3
"""How many have records of a reseller: so many documents stand side by side."""
_LAST: Final = "~"
"""Comes after every service's name."""


class Drifts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("drifts")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("reseller_id", "_id"), Index("different", "_id"))

    async def get(self, key: str, tx: Transaction) -> Drift | None:
        row = await self._rows.find_one({"_id": key}, tx.session)
        return _drift(row) if row else None

    async def keep(self, drift: Drift, tx: Transaction) -> None:
        await self._rows.replace({"_id": drift.id}, _row(drift), upsert=True, session=tx.session)

    async def page(
        self, reseller_id: str | None, *, differing: bool, after: str | None, limit: int
    ) -> list[Drift]:
        """By reseller and service, after this one."""
        where: Document = {"_id": {"$gt": after}} if after else {}
        if reseller_id is not None:
            where["reseller_id"] = reseller_id
        if differing:
            where["$or"] = [{"different": {"$gt": 0}}, {"is_alike": False}]
        return await self._find(where, limit)

    async def by_reseller(
        self, reseller_id: str | None, *, after: str | None, limit: int
    ) -> list[list[Drift]]:
        """All that is known of a reseller, reseller by reseller, after this one."""
        where: Document = {"_id": {"$gt": f"{after}:{_LAST}"}} if after else {}
        if reseller_id is not None:
            where["reseller_id"] = reseller_id
        found = await self._find(where, limit * _SERVICES)
        groups = groupby(found, key=lambda one: one.reseller_id)
        return [list(group) for _, group in islice(groups, limit)]

    async def _find(self, where: Document, limit: int) -> list[Drift]:
        return [_drift(row) for row in await self._rows.find(where, sort=[("_id", 1)], limit=limit)]


def _row(drift: Drift) -> Document:
    return {
        "_id": drift.id,
        "reseller_id": drift.reseller_id,
        "service": drift.service,
        "comparison_id": drift.comparison_id,
        "compared_at": drift.compared_at,
        "checksums": dict(drift.checksums),
        "checksums_there": dict(drift.checksums_there),
        "differences": [vars(one) for one in drift.differences],
        "different": drift.different,
        "is_alike": drift.is_alike,
        "earlier": [vars(one) for one in drift.earlier],
    }


def _drift(row: Document) -> Drift:
    """Documents of a former version have no comparison's id, and no instants of differences."""
    at = row["compared_at"]
    return Drift(
        reseller_id=row["reseller_id"],
        service=row["service"],
        comparison_id=row.get("comparison_id", ""),
        compared_at=at,
        checksums=row["checksums"],
        checksums_there=row["checksums_there"],
        differences=tuple(Differing(**{"since": at, **one}) for one in row["differences"]),
        different=row["different"],
        earlier=tuple(Differing(**one) for one in row.get("earlier", ())),
    )
