"""Factor resets in MongoDB; each leaves its waiting state once, whoever is first."""

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final

from services.auth.domain.factor_resets import FactorReset, ResetState, ResetWaitsError
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction
from shared.sweeps import all_but

_WAITING = {"state": ResetState.WAITING.value}
_REMEMBERED: Final = timedelta(days=90)
"""How long one that has ended can still say so to whoever comes with its link."""


class FactorResets:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("factor_resets")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("account_id", unique=True, where=_WAITING),
            Index("stop_digest", unique=True),
            Index("state", "due_at"),
            Index("org"),
            Index("ended_at", expire_seconds=int(_REMEMBERED.total_seconds())),
        )

    async def add(self, reset: FactorReset, tx: Transaction) -> None:
        """Raises ResetWaitsError where one waits for this account already."""
        try:
            await self._rows.insert(_row(reset), session=tx.session)
        except DuplicateKeyError as error:
            raise ResetWaitsError from error

    async def next_due(self, now: datetime, but: AbstractSet[str]) -> FactorReset | None:
        """The one that has been due for longest, but for these."""
        where = {**_WAITING, "due_at": {"$lte": now}, **all_but(but)}
        rows = await self._rows.find(where, sort=[("due_at", 1)], limit=1)
        return _reset(rows[0]) if rows else None

    async def end(self, reset_id: str, state: ResetState, now: datetime, tx: Transaction) -> bool:
        """End one that waits; of many who try one hears True."""
        return await self._rows.update(
            {"_id": reset_id, **_WAITING},
            {"$set": {"state": state.value, "ended_at": now}},
            session=tx.session,
        )

    async def stop(self, stop_digest: str, now: datetime, tx: Transaction) -> FactorReset | None:
        """Stop the waiting one that this token belongs to, once."""
        row = await self._rows.claim(
            {"stop_digest": stop_digest, **_WAITING},
            {"$set": {"state": ResetState.STOPPED.value, "ended_at": now}},
            session=tx.session,
        )
        return _reset(row) if row is not None else None

    async def is_done(self, stop_digest: str, tx: Transaction) -> bool:
        """Whether the reset that this token belongs to was carried out."""
        where = {"stop_digest": stop_digest, "state": ResetState.DONE.value}
        return await self._rows.find_one(where, session=tx.session) is not None


def _row(reset: FactorReset) -> Document:
    return {
        "_id": reset.id,
        "account_id": reset.account_id,
        "org": reset.org,
        "reason": reset.reason,
        "asked_by": reset.asked_by,
        "asked_by_org": reset.asked_by_org,
        "request_id": reset.request_id,
        "asked_at": reset.asked_at,
        "due_at": reset.due_at,
        "stop_digest": reset.stop_digest,
        "state": reset.state.value,
        "ended_at": None,
    }


def _reset(row: Document) -> FactorReset:
    return FactorReset(
        id=row["_id"],
        account_id=row["account_id"],
        org=row["org"],
        reason=row["reason"],
        asked_by=row["asked_by"],
        asked_by_org=row["asked_by_org"],
        request_id=row["request_id"],
        asked_at=row["asked_at"],
        due_at=row["due_at"],
        stop_digest=row["stop_digest"],
        state=ResetState(row["state"]),
    )
