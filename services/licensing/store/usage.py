"""The collection of measured use, one document per licence and day."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any, Final

from services.licensing.domain.usage import Measured
from shared.mongo.collection import Collection, Index
from shared.mongo.errors import DuplicateKeyError

_BY_USE: Final = {"model": "msp"}
_BATCH: Final = 200
_MARK: Final = "measured"


class Usage:
    def __init__(
        self, rows: Collection, marks: Collection, *, licences: Collection, devices: Collection
    ) -> None:
        self._rows = rows
        self._marks = marks
        self._licences = licences
        self._devices = devices

    async def prepare(self) -> None:
        await self._rows.ensure(Index("tenant_id", "licence_id", "day"))
        await self._licences.ensure(
            Index("model", "_id", where=_BY_USE), Index("model", "created_at", where=_BY_USE)
        )
        await self._devices.ensure(Index("licence_id", "created_at"))

    async def last_day(self) -> date | None:
        """The last day that was measured to its end."""
        row = await self._marks.find_one({"_id": _MARK})
        return date.fromisoformat(row["day"]) if row else None

    async def first_at(self) -> datetime | None:
        """When the first licence that is billed by use was made."""
        rows = await self._licences.find(_BY_USE, sort=[("created_at", 1)], limit=1)
        return rows[0]["created_at"] if rows else None

    async def note_day(self, day: date) -> None:
        await self._marks.update({"_id": _MARK}, {"$max": {"day": day.isoformat()}}, upsert=True)

    async def measure(self, day: date, ended_at: datetime) -> AsyncIterator[Measured]:
        """Every licence that is billed by use and existed by then, with its devices of that day."""
        after = ""
        while True:
            where = {**_BY_USE, "_id": {"$gt": after}, "created_at": {"$lt": ended_at}}
            rows = await self._licences.find(where, sort=[("_id", 1)], limit=_BATCH)
            for row in rows:
                yield Measured(
                    licence_id=row["_id"],
                    tenant_id=row["tenant_id"],
                    reseller_id=row["reseller_id"],
                    product=row["product"],
                    day=day,
                    seats_used=await self._seated(row["_id"], ended_at),
                )
            if len(rows) < _BATCH:
                return
            after = rows[-1]["_id"]

    async def _seated(self, licence_id: str, at: datetime) -> int:
        """How many devices had a seat at this instant, removed ones included."""
        still = [{"removed_at": {"$exists": False}}, {"removed_at": {"$gte": at}}]
        where = {"licence_id": licence_id, "created_at": {"$lt": at}, "$or": still}
        return await self._devices.count(where)

    async def add(self, measured: Measured) -> None:
        """Keep it; what was measured of this licence and day before stays as it is."""
        row = {
            "_id": f"{measured.licence_id}:{measured.day.isoformat()}",
            "licence_id": measured.licence_id,
            "tenant_id": measured.tenant_id,
            "reseller_id": measured.reseller_id,
            "product": measured.product,
            "day": measured.day.isoformat(),
            "seats_used": measured.seats_used,
        }
        try:
            await self._rows.insert(row)
        except DuplicateKeyError:
            return

    async def of_licence(self, tenant_id: str, licence_id: str, month: str) -> list[Measured]:
        """The days of a month (`2026-03`), the first one first."""
        where = {"tenant_id": tenant_id, "licence_id": licence_id, **_in(month)}
        return [_measured(row) for row in await self._rows.find(where, sort=[("day", 1)])]


def _in(month: str) -> dict[str, Any]:
    return {"day": {"$gte": f"{month}-01", "$lte": f"{month}-31"}}


def _measured(row: dict[str, Any]) -> Measured:
    return Measured(
        licence_id=row["licence_id"],
        tenant_id=row["tenant_id"],
        reseller_id=row["reseller_id"],
        product=row["product"],
        day=date.fromisoformat(row["day"]),
        seats_used=row["seats_used"],
    )
