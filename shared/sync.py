"""How every service takes in the Reseller Portal's messages about what it owns.

Each is applied, ignored or refused, and said to be so. What is known of a record is the newest
sequence that was applied and whose it is: nothing older counts, also after the record is gone, and
no company touches another's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from shared.context import cause
from shared.contracts.events import CloudEvent, Event
from shared.contracts.reseller_portal import UnknownSent
from shared.errors import ConflictError, DomainError
from shared.inbound import ORIGIN
from shared.inbox import Received, Subscription
from shared.mongo.collection import Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction

D = TypeVar("D")
E = TypeVar("E", bound=Event)
_SUBJECTS: Final = ("order_id", "user_id", "tenant_id", "reseller_id")
_UNREADABLE: Final = (
    "This is no CloudEvent of the type that it was routed by, or lacks attributes of its contract."
)
_NOT_YET_KNOWN: Final = "What it is about is not known here. Send that first, then this again."


class NotYetKnownError(Exception):
    """A message is about something that is most likely on its way; it is tried again."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class ForeignRecordError(ConflictError):
    """One answer for what another company has, for what was made here, and for what is gone."""

    code = "not_yours"
    detail = "This company has no such record, and may not make one of this id."


class OwnedElsewhereError(ConflictError):
    code = "owned_elsewhere"
    detail = "This comes from the Reseller Portal and is changed there."


@dataclass(frozen=True)
class Known:
    """What is known of a record of the Reseller Portal."""

    sequence: int
    reseller_id: str
    is_removed: bool
    ours: str | None
    """Our id of it, where that is another one."""


class SyncedRecords:
    """The records that the Reseller Portal has told a service about."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("synced_records")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("reseller_id", "_id"))

    async def get(self, record: str, tx: Transaction | None = None) -> Known | None:
        row = await self._rows.find_one({"_id": record}, tx.session if tx else None)
        if row is None:
            return None
        return Known(row["sequence"], row["reseller_id"], row["is_removed"], row["ours"])

    async def is_new(self, record: str, sequence: int, tx: Transaction) -> bool:
        """Whether this is later than all that was said of the record."""
        known = await self.get(record, tx)
        return known is None or sequence > known.sequence

    async def must_not_be_theirs(self, record: str, tx: Transaction) -> None:
        """OwnedElsewhereError where the Reseller Portal has told us of it."""
        known = await self.get(record, tx)
        if known is not None and not known.is_removed:
            raise OwnedElsewhereError

    async def note(
        self,
        record: str,
        reseller_id: str,
        sequence: int,
        tx: Transaction,
        *,
        ours: str | None = None,
        is_removed: bool = False,
    ) -> None:
        facts = {
            "reseller_id": reseller_id,
            "sequence": sequence,
            "ours": ours,
            "is_removed": is_removed,
        }
        await self._rows.update({"_id": record}, {"$set": facts}, upsert=True, session=tx.session)


def is_echo() -> bool:
    """Whether the work at hand only carries out what the Reseller Portal itself has said."""
    return cause().origin == ORIGIN


@dataclass(frozen=True)
class Judge:
    """The two events that say what a service thinks of a message (`shared.contracts.sync`)."""

    taken: Callable[..., Event]
    rejected: Callable[..., Event]

    def on(
        self, event: type[E], apply: Callable[[D, Received[E], Transaction], Awaitable[bool]]
    ) -> Subscription[D]:
        """A line of `subscriptions.py`; `apply` says whether it changed anything."""

        async def consume(deps: D, received: Received[E], tx: Transaction) -> str:
            outcome = "applied" if await apply(deps, received, tx) else "ignored"
            taken = self.taken(**_judged(received.envelope), outcome=outcome)
            tx.publish(taken)
            return outcome

        async def refuse(_: D, message: CloudEvent, error: Exception, tx: Transaction) -> None:
            reason, detail = _reason(message, error)
            rejected = self.rejected(
                **_judged(message),
                reason=reason,
                detail=detail,
                message=message.model_dump(mode="json", exclude_none=True),
            )
            tx.publish(rejected)

        return Subscription(event, consume, refuse)


def _judged(message: CloudEvent) -> dict[str, Any]:
    said = [message.data.get(name) for name in _SUBJECTS]
    record = next((each for each in said if isinstance(each, str)), message.subject)
    is_unknown = message.type == UnknownSent.type
    return {
        "message_id": message.id.removeprefix(f"{ORIGIN}:"),
        "message_type": message.data.get("unknown", message.type) if is_unknown else message.type,
        "record": record[:200],
        "reseller_id": message.resellerid,
    }


def _reason(message: CloudEvent, error: Exception) -> tuple[str, str]:
    """A code and words that repeat no value of the message."""
    if "unreadable" in message.data:
        return "unreadable", _UNREADABLE
    if isinstance(error, ValidationError):
        fields = sorted({".".join(map(str, flaw["loc"])) for flaw in error.errors()})
        return "does_not_fit_its_contract", f"Not as they should be: {', '.join(fields)}"
    if isinstance(error, DomainError):
        flaws = dict.fromkeys(flaw.detail for flaw in error.fields)
        return error.code, " ".join(flaws) or error.detail
    if isinstance(error, NotYetKnownError):
        return error.code, _NOT_YET_KNOWN
    return "failed", type(error).__name__
