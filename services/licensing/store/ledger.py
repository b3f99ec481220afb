"""The ledger of licences: what is in it stays as it is, so there is no way to change it."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from services.licensing.domain.ledger import Act, Entry
from services.licensing.domain.licences import Licence, Whose, ending
from services.licensing.store.licence_rows import held_by, licence_of, licence_row
from shared.mongo.collection import Collection, Index, Session

_BATCH: Final = 200


class Ledger:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("licence_id", "version", unique=True),
            Index("after.reseller_id", "act", "licence_id"),
            Index("at"),
        )

    async def add(self, entry: Entry, session: Session) -> None:
        await self._rows.insert(_row(entry), session=session)

    async def as_of(self, reader: Whose, licence_id: str, at: datetime) -> Licence | None:
        """The licence as it was at this instant, without its key; None where it was not there, or
        not the reader's.
        """
        where = {"licence_id": licence_id, "at": {"$lte": at}}
        rows = await self._rows.find(where, sort=[("version", -1)], limit=1)
        then = _entry(rows[0]).after if rows else None
        return then if then is not None and reader.has(then) else None

    async def newest(
        self, reader: Whose, licence_id: str, before: int | None, limit: int
    ) -> list[Entry]:
        """What was done to this licence since it was the reader's, the last first, before this
        version.
        """
        where: dict[str, Any] = {"licence_id": licence_id, **held_by(reader, within="after.")}
        if before is not None:
            where["version"] = {"$lt": before}
        rows = await self._rows.find(where, sort=[("version", -1)], limit=limit)
        return [_entry(row).as_told_to(reader) for row in rows]

    async def of_reseller(
        self, reseller_id: str, until: datetime
    ) -> AsyncIterator[Sequence[Entry]]:
        """Of each licence that the reseller had before this instant, all that was done until then,
        whoever had it; the oldest licence id first.
        """
        after = ""
        while True:
            came = {
                "after.reseller_id": reseller_id,
                "act": {"$in": [Act.CREATED.value, Act.HANDED_OVER.value]},
                "licence_id": {"$gt": after},
                "at": {"$lt": until},
            }
            found = await self._rows.find(came, sort=[("licence_id", 1)], limit=_BATCH)
            if not found:
                return
            ids = sorted({row["licence_id"] for row in found})
            where = {"licence_id": {"$in": ids}, "at": {"$lt": until}}
            rows = await self._rows.find(where, sort=[("licence_id", 1), ("version", 1)])
            for _, entries in groupby(rows, key=lambda row: row["licence_id"]):
                yield [_entry(row) for row in entries]
            after = ids[-1]

    async def first_at(self) -> datetime | None:
        """When the first licence was made."""
        rows = await self._rows.find({}, sort=[("at", 1)], limit=1)
        return rows[0]["at"] if rows else None


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "licence_id": entry.licence_id,
        "version": entry.version,
        "act": entry.act.value,
        "at": entry.at,
        "actor": entry.actor,
        "actor_org": entry.actor_org,
        "request_id": entry.request_id,
        "reason": entry.reason,
        "before": _snapshot(entry.before) if entry.before else None,
        "after": _snapshot(entry.after),
    }


def _snapshot(licence: Licence) -> dict[str, Any]:
    return {**licence_row(licence), "key": ending(licence.key), "seats_used": licence.seats_used}


def _entry(row: dict[str, Any]) -> Entry:
    licence_id, before = row["licence_id"], row["before"]
    return Entry(
        act=Act(row["act"]),
        at=row["at"],
        before=licence_of(before, licence_id) if before else None,
        after=licence_of(row["after"], licence_id),
        actor=row["actor"],
        actor_org=row["actor_org"],
        request_id=row["request_id"],
        reason=row["reason"],
    )
