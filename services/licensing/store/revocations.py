"""What was revoked lately: licences that were stopped, devices whose seat was taken away."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from shared.mongo import Collection, Index, Session

_MAY_LIE_AHEAD: Final = "cancelled_at"
_STOPS: Final = ("revoked_at", _MAY_LIE_AHEAD, "suspended_at")


class Revocations:
    def __init__(self, licences: Collection, devices: Collection, kept: Collection) -> None:
        self._licences = licences
        self._devices = devices
        self._kept = kept

    async def prepare(self) -> None:
        stopped = [Index(field, where={field: {"$type": "date"}}) for field in _STOPS]
        await self._licences.ensure(*stopped)
        await self._kept.ensure(Index("until", expire_seconds=0))

    async def keep(self, licences: Iterable[str], until: datetime, session: Session) -> None:
        """Tell of these up to this instant, though they will be deleted."""
        for licence_id in licences:
            change = {"$max": {"until": until}}
            await self._kept.update({"_id": licence_id}, change, upsert=True, session=session)

    async def licences(self, since: datetime, now: datetime) -> set[str]:
        """Those that were revoked, cancelled, suspended or deleted in this time and still are."""
        found = _ids(await self._kept.find({"until": {"$gt": now}}))
        for field in _STOPS:
            lately = {"$type": "date", "$gt": since}
            if field == _MAY_LIE_AHEAD:
                lately["$lte"] = now
            found |= _ids(await self._licences.find({field: lately}))
        return found

    async def devices(self, since: datetime) -> set[str]:
        return _ids(await self._devices.find({"removed_at": {"$gt": since}}))


def _ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["_id"]) for row in rows}
