"""Which came first for an order: its customer being set up, or its end without one."""

from enum import StrEnum

from shared.mongo.collection import Collection, Session


class First(StrEnum):
    SET_UP = "set_up"
    ENDED = "ended"


class OrderEnds:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def is_first(self, order_id: str, what: First, session: Session) -> bool:
        """Whether this came first; kept for good, so that what comes late is known as such."""
        row = await self._rows.claim(
            {"_id": order_id},
            {"$setOnInsert": {"first": what.value}},
            upsert=True,
            session=session,
        )
        return row is not None and row["first"] == what.value
