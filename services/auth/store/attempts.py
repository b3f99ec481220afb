"""Counters of wrong guesses in MongoDB, shared by all replicas and outliving them.

They are written outside any transaction, so that nothing rolls a failure back.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from services.auth.domain.throttle import Place, Record, after_failure, is_open
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo, Part
from shared.mongo.errors import DuplicateKeyError

_TRIES: Final = 50


@dataclass(frozen=True)
class Attempted:
    """What was read of the counters of some places."""

    records: Mapping[str, Record]

    @classmethod
    def of(cls, rows: Iterable[Document]) -> Self:
        return cls({row["_id"]: _record(row) for row in rows})

    def are_open(self, places: Sequence[Place], now: datetime) -> bool:
        """Whether a try counts in all of these places."""
        return all(is_open(self.records.get(_key(place)), place.pace, now) for place in places)

    def knows(self, place: Place) -> bool:
        return _key(place) in self.records


def attempts_at(places: Sequence[Place]) -> Part:
    """The counters of these places, to be read along with other things."""
    return Part("attempts", {"_id": {"$in": [_key(place) for place in places]}})


class Attempts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("attempts")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("clear_at", expire_seconds=int(timedelta(days=1).total_seconds()))
        )

    async def are_open(self, places: Sequence[Place], now: datetime) -> bool:
        """Whether a try counts in all of these places."""
        return (await self.read(places)).are_open(places, now)

    async def read(self, places: Sequence[Place]) -> Attempted:
        return Attempted.of(await self._rows.find(attempts_at(places).where))

    async def take(self, place: Place, now: datetime, *, may: bool = True) -> bool:
        """Use up a try before it is known whether it is right; False where it has to wait.

        Of many tries at the same instant no more get through than the pace has free. A try that
        may not be made for another reason (`may`) is not counted and costs as much.
        """
        for _ in range(_TRIES):
            row = await self._rows.find_one({"_id": _key(place)})
            seen = _record(row) if row else None
            if not may or not is_open(seen, place.pace, now):
                await self._held_back(place, now)
                return False
            if await self._replace(place, seen, after_failure(seen, place.pace, now)):
                return True
        return False

    async def failed(self, places: Sequence[Place], now: datetime) -> None:
        """Count a failure in each of these places."""
        for place in places:
            forget = place.pace.forget.total_seconds() * 1000
            begins = {"$max": ["$clear_at", now]}
            most = now + place.pace.most * place.pace.forget
            count = {"clear_at": {"$min": [{"$add": [begins, forget]}, most]}, "last_at": now}
            await self._rows.update({"_id": _key(place)}, [{"$set": count}], upsert=True)

    async def held_back(self, places: Sequence[Place], now: datetime) -> None:
        """Note tries that did not count; as much work as counting them."""
        for place in places:
            await self._held_back(place, now)

    async def give_back(self, place: Place) -> None:
        """Undo `take`: it was no guess."""
        earlier = {"$subtract": ["$clear_at", place.pace.forget.total_seconds() * 1000]}
        await self._rows.update({"_id": _key(place)}, [{"$set": {"clear_at": earlier}}])

    async def forget(self, *places: Place) -> None:
        await self._rows.delete_many({"_id": {"$in": [_key(place) for place in places]}})

    async def _held_back(self, place: Place, now: datetime) -> None:
        change = {
            "$inc": {"held_back": 1},
            "$setOnInsert": {"clear_at": now, "last_at": now},
        }
        await self._rows.update({"_id": _key(place)}, change, upsert=True)

    async def _replace(self, place: Place, seen: Record | None, then: Record) -> bool:
        """Write a record if it is still as it was seen."""
        key, row = _key(place), {"clear_at": then.clear_at, "last_at": then.last_at}
        if seen is not None:
            known = {"_id": key, "clear_at": seen.clear_at, "last_at": seen.last_at}
            return await self._rows.update(known, {"$set": row})
        try:
            await self._rows.insert({"_id": key, **row})
        except DuplicateKeyError:
            return False
        return True


def _key(place: Place) -> str:
    """Names are kept as digests: the counter needs to know that it is the same, not who it is."""
    digest = hashlib.sha256(place.whom.encode()).hexdigest()
    return f"{place.guess}:{place.scope}:{digest}"


def _record(row: Document) -> Record:
    return Record(row["clear_at"], row["last_at"])
