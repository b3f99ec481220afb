"""The last comparison of each service's records of a reseller with the Reseller Portal's."""

from services.tenancy.domain.sync import Drift
from shared.contracts.sync import Difference
from shared.mongo import Document, Index, Mongo
from shared.outbox import Transaction


class Drifts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("drifts")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("reseller_id", "_id"), Index("different", "_id"))

    async def keep(self, drift: Drift, tx: Transaction) -> None:
        """Keep it unless a later one is known."""
        known = await self._rows.find_one({"_id": drift.id}, tx.session)
        if known is not None and known["compared_at"] > drift.compared_at:
            return
        await self._rows.replace({"_id": drift.id}, _row(drift), upsert=True, session=tx.session)

    async def page(
        self, reseller_id: str | None, *, differing: bool, after: str | None, limit: int
    ) -> list[Drift]:
        """By reseller and service, after this one."""
        where: Document = {"_id": {"$gt": after}} if after else {}
        if reseller_id is not None:
            where["reseller_id"] = reseller_id
        if differing:
            where["different"] = {"$gt": 0}
        return [_drift(row) for row in await self._rows.find(where, sort=[("_id", 1)], limit=limit)]


def _row(drift: Drift) -> Document:
    return {
        "_id": drift.id,
        "reseller_id": drift.reseller_id,
        "service": drift.service,
        "compared_at": drift.compared_at,
        "checksums": dict(drift.checksums),
        "checksums_there": dict(drift.checksums_there),
        "differences": [one.model_dump() for one in drift.differences],
        "different": drift.different,
    }


def _drift(row: Document) -> Drift:
    return Drift(
        reseller_id=row["reseller_id"],
        service=row["service"],
        compared_at=row["compared_at"],
        checksums=row["checksums"],
        checksums_there=row["checksums_there"],
        differences=tuple(Difference(**one) for one in row["differences"]),
        different=row["different"],
    )
