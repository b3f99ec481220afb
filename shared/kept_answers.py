"""The answers to requests with an Idempotency-Key, kept in one act with what the requests did.

The record is the first thing that its transaction writes, the answer the last. So there is no
moment in which the effect is there and the record isn't, and a second request under the same key
collides with the first one instead of running beside it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from shared.clock import Clock
from shared.errors import UnavailableError
from shared.idempotency import IdempotencyKeyReusedError, Keyed, Mark, RequestRunningError
from shared.mongo.collection import Index
from shared.mongo.database import Mongo
from shared.mongo.errors import BeingWrittenError, DuplicateKeyError
from shared.outbox import BrokenOffError, Outbox, Transaction

LIFE: Final = timedelta(hours=24)
REPLAYED: Final = "Idempotency-Replayed"
_TRIES: Final = 5


@dataclass(frozen=True)
class Rendered:
    """An answer as it goes over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class KeptAnswers:
    """The answers of one service; each is kept for 24 hours."""

    def __init__(self, mongo: Mongo, outbox: Outbox, now: Clock) -> None:
        self._rows = mongo.collection("kept_answers")
        self._outbox = outbox
        self._now = now

    async def prepare(self) -> None:
        await self._rows.ensure(Index("expires_at", expire_seconds=0))

    async def once(
        self, mark: Mark, keyed: Keyed, carry_out: Callable[[], Awaitable[Rendered]]
    ) -> Rendered:
        """The answer to this request, which is carried out unless it was before.

        Refusals are not kept: whatever raises has changed nothing, and may be tried again.
        """
        for _ in range(_TRIES):
            kept = await self._kept(mark, keyed)
            if kept is not None:
                return kept
            try:
                return await self._outbox.together(
                    lambda transaction: self._first(mark, keyed, carry_out, transaction)
                )
            except BeingWrittenError as error:
                raise RequestRunningError from error
            except (_TakenError, BrokenOffError):
                continue
        raise UnavailableError(retry_after_seconds=1)

    async def _kept(self, mark: Mark, keyed: Keyed) -> Rendered | None:
        row = await self._rows.find_one({"_id": mark.id})
        if row is None:
            return None
        if row["expires_at"] <= self._now():  # MongoDB cleans up when it finds the time
            await self._rows.delete_many({"_id": mark.id, "expires_at": row["expires_at"]})
            return None
        if row["fingerprint"] != mark.fingerprint:
            raise IdempotencyKeyReusedError
        if not isinstance(keyed, bool):
            raise keyed
        return Rendered(row["status"], {**row["headers"], REPLAYED: "true"}, row["body"])

    async def _first(
        self,
        mark: Mark,
        keyed: Keyed,
        carry_out: Callable[[], Awaitable[Rendered]],
        transaction: Transaction,
    ) -> Rendered:
        session = transaction.session
        row: dict[str, Any] = {
            "_id": mark.id,
            "fingerprint": mark.fingerprint,
            "expires_at": self._now() + LIFE,
        }
        try:
            await self._rows.insert_first(row, session)
        except DuplicateKeyError as error:
            raise _TakenError from error
        answer = await carry_out()
        if isinstance(keyed, bool):
            said = {"status": answer.status, "headers": answer.headers, "body": answer.body}
            await self._rows.update({"_id": mark.id}, {"$set": said}, session=session)
        return answer


class _TakenError(Exception):
    """Somebody was faster: by now there is an answer."""
