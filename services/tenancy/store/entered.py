"""Who was last seen entering which tenant, so that an hour of work there is one row of activity."""

from datetime import datetime

from shared.mongo.collection import Index, Session
from shared.mongo.database import Mongo

_KEPT_SECONDS = 2 * 3600


class Entered:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("entered")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("at", expire_seconds=_KEPT_SECONDS))

    async def has(self, session_id: str, place: str, hour: str) -> bool:
        return await self._rows.find_one({"_id": _key(session_id, place, hour)}) is not None

    async def add(
        self, session_id: str, place: str, hour: str, at: datetime, session: Session
    ) -> None:
        """DuplicateKeyError where it was seen already."""
        row = {"_id": _key(session_id, place, hour), "at": at}
        await self._rows.insert(row, session=session)


def _key(session_id: str, place: str, hour: str) -> str:
    return f"{session_id}/{place}/{hour}"
