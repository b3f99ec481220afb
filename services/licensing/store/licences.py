"""The collection of licences."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from services.licensing.domain.licences import Licence, Whose
from services.licensing.domain.moments import next_moment
from services.licensing.domain.sandbox import really
from services.licensing.store.licence_rows import held_by, licence_of, licence_row
from shared.contracts.sync import IdRange
from shared.drift import PORTION, in_range
from shared.mongo.collection import Collection, Index, Session
from shared.newest import NEWEST, Position, older_than


class Licences:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("key", unique=True),
            Index("order_id", unique=True, where={"order_id": {"$type": "string"}}),
            Index("tenant_id", "product", unique=True, where={"is_tried": True}),
            Index("tenant_id", "-created_at", "-_id"),
            Index("reseller_id", "-created_at", "-_id"),
            Index("next_due_at", where={"next_due_at": {"$type": "date"}}),
        )

    async def get(
        self, tenant_id: str, licence_id: str, session: Session | None = None
    ) -> Licence | None:
        return await self.find(Whose(tenant_id=tenant_id), licence_id, session)

    async def find(
        self, whose: Whose, licence_id: str, session: Session | None = None
    ) -> Licence | None:
        row = await self._rows.find_one({"_id": licence_id, **held_by(whose)}, session)
        return _licence(row) if row else None

    async def by_key(self, key: str) -> Licence | None:
        """The licence of this key, whoever its tenant is: who has the key is let in by it."""
        row = await self._rows.find_one({"key": key})
        return _licence(row) if row else None

    async def newest(
        self, whose: Whose, after: Position | None, limit: int, session: Session | None = None
    ) -> list[Licence]:
        """So many licences, or with a limit of 0 all of them."""
        where = {**held_by(whose), **older_than(after)}
        rows = await self._rows.find(where, sort=NEWEST, limit=limit, session=session)
        return [_licence(row) for row in rows]

    async def portions_of(
        self, reseller_id: str, within: IdRange, session: Session
    ) -> AsyncIterator[list[Licence]]:
        """All licences of this reseller's customers in the range, as they are in this act."""
        where = {"reseller_id": reseller_id, **in_range(within)}
        async for rows in self._rows.portions(where, size=PORTION, session=session):
            yield [_licence(row) for row in rows]

    async def add(self, licence: Licence, session: Session) -> None:
        """Keep a new one; DuplicateKeyError where there is one of this id or for this order."""
        due = {"next_due_at": _due_at(licence)}
        row = {"_id": licence.id, **licence_row(licence), **due, "seats_used": 0}
        await self._rows.insert(row, session=session)

    async def save(self, licence: Licence, *, was: int, session: Session) -> bool:
        """Keep what has changed where its version is still the one that was read.

        The count of seats is left as it is: activation alone changes it.
        """
        where = {"_id": licence.id, "version": was}
        row = {**licence_row(licence), "next_due_at": _due_at(licence)}
        return await self._rows.update(where, {"$set": row}, session=session)

    async def claim_due(self, now: datetime, until: datetime) -> Licence | None:
        """A licence that time has done something to; nobody else gets it before `until`."""
        row = await self._rows.claim(
            # Without the type MongoDB doesn't see that the partial index has all of them.
            {"next_due_at": {"$lte": now, "$type": "date"}},
            {"$set": {"next_due_at": until}},
            sort=[("next_due_at", 1)],
        )
        return _licence(row) if row else None

    async def notice(self, licence: Licence, session: Session) -> None:
        """Keep what is no change of the licence itself: what was noticed and announced."""
        noticed = {
            "noticed_at": licence.noticed_at,
            "announced_share": licence.announced_share,
            "next_due_at": _due_at(licence),
        }
        await self._rows.update({"_id": licence.id}, {"$set": noticed}, session=session)


def _due_at(licence: Licence) -> datetime | None:
    """When time has something to do to it, as everybody's clock tells it."""
    moment = next_moment(licence)
    return moment and really(licence, moment)


def _licence(row: dict[str, Any]) -> Licence:
    return licence_of(row, row["_id"])
