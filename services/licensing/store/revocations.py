"""What was revoked lately: licences that were stopped or moved, devices that lost their seat."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from shared.mongo.collection import Collection, Index, Session

_MAY_LIE_AHEAD: Final = "cancelled_at"
_STOPS: Final = ("revoked_at", _MAY_LIE_AHEAD, "suspended_at")


class Revocations:
    def __init__(
        self, licences: Collection, devices: Collection, kept: Collection, moved: Collection
    ) -> None:
        self._licences = licences
        self._devices = devices
        self._kept = kept
        self._moved = moved

    async def prepare(self) -> None:
        stopped = [Index(field, where={field: {"$type": "date"}}) for field in _STOPS]
        await self._licences.ensure(*stopped)
        await self._kept.ensure(Index("until", expire_seconds=0))
        await self._moved.ensure(Index("until", expire_seconds=0))

    async def keep(self, licences: Iterable[str], until: datetime, session: Session) -> None:
        """Tell of these up to this instant, though they will be deleted."""
        for licence_id in licences:
            change = {"$max": {"until": until}}
            await self._kept.update({"_id": licence_id}, change, upsert=True, session=session)

    async def move(
        self, licence_id: str, former: str, tenant_id: str, until: datetime, session: Session
    ) -> None:
        """Tell up to this instant that the former tenant's files of it are good no more."""
        row = {"licence_id": licence_id, "tenant_id": former, "until": until}
        where = {"_id": f"{licence_id}/{former}"}
        await self._moved.update(where, {"$set": row}, upsert=True, session=session)
        await self._moved.delete_many({"_id": f"{licence_id}/{tenant_id}"}, session=session)

    async def licences(self, since: datetime, now: datetime) -> frozenset[str]:
        """Those that were revoked, cancelled, suspended or deleted in this time and still are."""
        found = _ids(await self._kept.find({"until": {"$gt": now}}))
        for field in _STOPS:
            lately = {"$type": "date", "$gt": since}
            if field == _MAY_LIE_AHEAD:
                lately["$lte"] = now
            found |= _ids(await self._licences.find({field: lately}))
        return found

    async def devices(self, since: datetime) -> frozenset[str]:
        return _ids(await self._devices.find({"removed_at": {"$gt": since}}))

    async def transferred(self, now: datetime) -> frozenset[tuple[str, str]]:
        """Licences with the tenant whose they lately were."""
        rows = await self._moved.find({"until": {"$gt": now}})
        return frozenset((row["licence_id"], row["tenant_id"]) for row in rows)


def _ids(rows: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(str(row["_id"]) for row in rows)
