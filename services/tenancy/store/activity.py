"""The collections of what happened: what waits for its place in a chain, and the chains."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import count
from typing import Any, Final

from services.tenancy.domain.activity import Activity, ActivityFilter, Position
from services.tenancy.domain.chain import Entry
from shared.folding import starts_with
from shared.mongo.collection import Index, Session
from shared.mongo.database import Mongo

_NEWEST_FIRST: Final = [("at", -1), ("sequence", -1)]


class WaitingActivities:
    """What is to be linked. Many write here at once without standing in each other's way."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("activity_waiting")
        self._numbers = count()
        """What comes at the same instant is told apart by the order in which it came here."""

    async def prepare(self) -> None:
        await self._rows.ensure(Index("chain", "filed_at", "number"), Index("filed_at"))

    async def add(
        self, activity: Activity, chains: Sequence[str], now: datetime, session: Session
    ) -> None:
        number = next(self._numbers)
        rows = [
            {
                "_id": f"{chain}/{activity.id}",
                "chain": chain,
                "filed_at": now,
                "number": number,
                **_activity_row(activity),
            }
            for chain in chains
        ]
        await self._rows.insert(*rows, session=session)

    async def chains(self, limit: int, *, but: AbstractSet[str]) -> list[str]:
        """Chains with something to link but for these, those that have waited longest first."""
        where = {"chain": {"$nin": sorted(but)}} if but else {}
        rows = await self._rows.find(where, sort=[("filed_at", 1)], limit=limit)
        return list(dict.fromkeys(row["chain"] for row in rows))

    async def take(self, chain: str, limit: int, session: Session) -> list[Activity]:
        """Those that have waited longest, in the order in which they came; they wait no more."""
        sort = [("chain", 1), ("filed_at", 1), ("number", 1)]
        rows = await self._rows.find({"chain": chain}, sort=sort, limit=limit, session=session)
        if rows:
            ids = [row["_id"] for row in rows]
            await self._rows.delete_many({"_id": {"$in": ids}}, session=session)
        return [_activity(row) for row in rows]

    async def has(self, chain: str) -> bool:
        return await self._rows.find_one({"chain": chain}) is not None


class Entries:
    """The rows in their chains. A place in a chain is the document's id, so it is taken once."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("activity_entries")

    async def prepare(self) -> None:
        order = ("-at", "-sequence")
        await self._rows.ensure(
            Index("chain", "sequence", unique=True),
            Index("chain", *order),
            Index("chain", "actor", *order),
            Index("chain", "actor_org", *order),
            Index("chain", "what", *order),
        )

    async def add(self, entries: Sequence[Entry], session: Session) -> None:
        await self._rows.insert(*map(_row, entries), session=session)

    async def newest(self, chain: str, which: ActivityFilter, limit: int) -> list[Entry]:
        where = {"$and": [{"chain": chain}, *_conditions(which)]}
        return [
            _entry(row) for row in await self._rows.find(where, sort=_NEWEST_FIRST, limit=limit)
        ]

    async def after(
        self, chain: str, sequence: int, limit: int, session: Session | None = None
    ) -> list[Entry]:
        """In the order of the chain."""
        where = {"chain": chain, "sequence": {"$gt": sequence}}
        sort = [("chain", 1), ("sequence", 1)]
        rows = await self._rows.find(where, sort=sort, limit=limit, session=session)
        return [_entry(row) for row in rows]

    async def cut(self, chain: str, upto: int, session: Session) -> int:
        where = {"chain": chain, "sequence": {"$lte": upto}}
        return await self._rows.delete_many(where, session=session)

    async def chains(self) -> list[str]:
        """All chains that have rows, each found by one step along the index."""
        found: list[str] = []
        while True:
            where = {"chain": {"$gt": found[-1]}} if found else {}
            rows = await self._rows.find(where, sort=[("chain", 1), ("sequence", 1)], limit=1)
            if not rows:
                return found
            found.append(rows[0]["chain"])


def _conditions(which: ActivityFilter) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if which.since is not None:
        found.append({"at": {"$gte": which.since}})
    if which.until is not None:
        found.append({"at": {"$lt": which.until}})
    if which.actor is not None:
        found.append({"actor": which.actor})
    if which.actor_org is not None:
        found.append({"actor_org": which.actor_org})
    if which.not_of is not None:
        found.append({"actor_org": {"$nin": [which.not_of, None]}})
    if which.what is not None:
        is_one = "." in which.what
        found.append({"what": which.what} if is_one else starts_with("what", f"{which.what}."))
    return found + ([_older(which.before)] if which.before else [])


def _older(before: Position) -> dict[str, Any]:
    return {
        "at": {"$lte": before.at},  # bounds the index; what follows settles equal times
        "$or": [{"at": {"$lt": before.at}}, {"sequence": {"$lt": before.sequence}}],
    }


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "_id": f"{entry.chain}/{entry.sequence}",
        "chain": entry.chain,
        "sequence": entry.sequence,
        **_activity_row(entry.activity),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(row["chain"], row["sequence"], row["previous"], _activity(row), row["hash"])


def _activity_row(activity: Activity) -> dict[str, Any]:
    return {
        "event_id": activity.id,
        "place": activity.place,
        "at": activity.at,
        "what": activity.what,
        "subject": activity.subject,
        "actor": activity.actor,
        "actor_org": activity.actor_org,
        "reason": activity.reason,
        "request_id": activity.request_id,
        "details": dict(activity.details),
    }


def _activity(row: dict[str, Any]) -> Activity:
    return Activity(
        id=row["event_id"],
        place=row["place"],
        at=row["at"],
        what=row["what"],
        subject=row["subject"],
        actor=row["actor"],
        actor_org=row["actor_org"],
        reason=row["reason"],
        request_id=row["request_id"],
        details=row["details"],
    )
