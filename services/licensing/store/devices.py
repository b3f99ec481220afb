"""The collection of devices; those that were removed stay for a while, without their seat."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, Final

from services.licensing.domain.devices import Device, Platform, Removal
from shared.mongo.collection import Collection, Index, Session
from shared.newest import NEWEST, Position, older_than
from shared.sweeps import all_but

_ACTIVE: Final = {"state": "active"}
_REMEMBERED: Final = timedelta(days=90)
"""How long a removed device is kept, so that its licence file can be told from a good one."""


class Devices:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("licence_id", "fingerprint", unique=True, where=_ACTIVE),
            Index("licence_id", "last_seen_at", where=_ACTIVE),
            Index("last_seen_at", where=_ACTIVE),
            Index("tenant_id", "state", "-created_at", "-_id"),
            Index("removed_at", expire_seconds=int(_REMEMBERED.total_seconds())),
        )

    async def get(self, device_id: str) -> Device | None:
        """The device of this id that has a seat, whoever its tenant is."""
        row = await self._rows.find_one({"_id": device_id, **_ACTIVE})
        return _device(row) if row else None

    async def on_licence(
        self, licence_id: str, fingerprint: str, session: Session | None = None
    ) -> Device | None:
        where = {"licence_id": licence_id, "fingerprint": fingerprint, **_ACTIVE}
        row = await self._rows.find_one(where, session)
        return _device(row) if row else None

    async def newest(
        self, tenant_id: str, licence_id: str | None, after: Position | None, limit: int
    ) -> list[Device]:
        where = {"tenant_id": tenant_id, **_ACTIVE, **older_than(after)}
        if licence_id is not None:
            where["licence_id"] = licence_id
        return [_device(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]

    async def most_silent(
        self, licence_id: str, before: datetime, session: Session
    ) -> Device | None:
        """The device of this licence that was not heard of for longest, if it is silent."""
        where = {"licence_id": licence_id, "last_seen_at": {"$lt": before}, **_ACTIVE}
        rows = await self._rows.find(where, sort=[("last_seen_at", 1)], limit=1, session=session)
        return _device(rows[0]) if rows else None

    async def silent(self, before: datetime, limit: int, but: AbstractSet[str]) -> list[Device]:
        """Those not heard of since before this instant, but for these."""
        where = {"last_seen_at": {"$lt": before}, **_ACTIVE, **all_but(but)}
        rows = await self._rows.find(where, sort=[("last_seen_at", 1)], limit=limit)
        return [_device(row) for row in rows]

    async def add(self, device: Device, session: Session) -> None:
        """Keep a new one; DuplicateKeyError where this licence has one of this fingerprint."""
        await self._rows.insert(_row(device), session=session)

    async def note_sign_of_life(self, device: Device, now: datetime) -> bool:
        """False where the device has lost its seat meanwhile."""
        where = {"_id": device.id, **_ACTIVE}
        return await self._rows.update(where, {"$max": {"last_seen_at": now}})

    async def remove(
        self,
        tenant_id: str,
        device_id: str,
        why: Removal,
        now: datetime,
        session: Session,
        *,
        silent_before: datetime | None = None,
    ) -> Device | None:
        """Take the seat from a device; None where it has none, or was heard of again meanwhile."""
        where: dict[str, Any] = {"_id": device_id, "tenant_id": tenant_id, **_ACTIVE}
        if silent_before is not None:
            where["last_seen_at"] = {"$lt": silent_before}
        gone = {"state": "removed", "removed_at": now, "removal": why.value}
        row = await self._rows.claim(where, {"$set": gone}, session=session)
        return _device(row) if row else None


def _row(device: Device) -> dict[str, Any]:
    return {
        "_id": device.id,
        "licence_id": device.licence_id,
        "tenant_id": device.tenant_id,
        "fingerprint": device.fingerprint,
        "name": device.name,
        "platform": device.platform.value,
        "created_at": device.activated_at,
        "last_seen_at": device.last_seen_at,
        **_ACTIVE,
    }


def _device(row: dict[str, Any]) -> Device:
    return Device(
        id=row["_id"],
        licence_id=row["licence_id"],
        tenant_id=row["tenant_id"],
        fingerprint=row["fingerprint"],
        name=row["name"],
        platform=Platform(row["platform"]),
        activated_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
    )
