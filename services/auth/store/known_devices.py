"""Devices that accounts were signed in from and that show no token, in MongoDB: one row an account.

A row holds marks, not facts (see `clients/devices.py`), and at most `MOST` of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction

MOST: Final = 50


@dataclass(frozen=True)
class KnownDevice:
    mark: str
    until: datetime


class KnownDevices:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("known_devices")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("until", expire_seconds=0))

    async def keep(self, account_id: str, mark: str, until: datetime) -> None:
        """Remember a known mark for longer."""
        change = {"$max": {"devices.$.until": until, "until": until}}
        await self._rows.update({"_id": account_id, "devices.mark": mark}, change)

    async def add(
        self, account_id: str, marks: Sequence[str], now: datetime, until: datetime, tx: Transaction
    ) -> bool:
        """Remember the first of these marks; False where one of them is known by now.

        Where there are too many, those go whose time would be over first.
        """
        row = await self._rows.find_one({"_id": account_id}, session=tx.session)
        known = [one for one in devices_of([row] if row else []) if one.until > now]
        if any(one.mark in marks for one in known):
            return False
        kept = [*sorted(known, key=_until)[-(MOST - 1) :], KnownDevice(marks[0], until)]
        told = {
            "_id": account_id,
            "devices": [{"mark": one.mark, "until": one.until} for one in kept],
            "until": max(map(_until, kept)),
        }
        await self._rows.replace({"_id": account_id}, told, upsert=True, session=tx.session)
        return True

    async def forget(self, account_id: str, tx: Transaction) -> None:
        await self._rows.delete_many({"_id": account_id}, session=tx.session)


def devices_of(rows: Sequence[Document]) -> list[KnownDevice]:
    """What the row of an account holds, if there is one."""
    return [KnownDevice(one["mark"], one["until"]) for row in rows for one in row["devices"]]


def _until(device: KnownDevice) -> datetime:
    return device.until
