"""Taking events in: each once, however often it comes; failures climb a ladder and end in sight.

The event's id is inserted first in the same transaction as the effect, so a second delivery has no
second effect. Failed attempts are counted in our own database, growing times apart; then the event
is parked among the service's dead letters. One poison event never stops the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import structlog
from pydantic import ValidationError

from shared.bus import Bus, DeadMessage
from shared.clock import Clock
from shared.context import Cause, begin
from shared.contracts.events import CloudEvent, Event, Service
from shared.dead_letters import DeadLetters
from shared.errors import DomainError, UnavailableError
from shared.inbound import origin_of
from shared.metrics import Metrics
from shared.mongo.collection import Index
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError, StoreAwayError
from shared.outbox import Outbox, Transaction

log = structlog.get_logger()
D = TypeVar("D")
E = TypeVar("E", bound=Event)

HANDLER_SECONDS: Final = 60.0
"""How long handling an event may take; what is not done by then has failed."""
KEPT_DAYS: Final = 90
"""How long an event's id is remembered: a delivery after that would have a second effect."""
_TICK_SECONDS: Final = 0.5
_CLAIM: Final = timedelta(seconds=HANDLER_SECONDS + 15)
"""For how long a due event is one replica's: longer than handling it takes."""


@dataclass(frozen=True)
class Received(Generic[E]):
    """An event as its consumer sees it: the typed body and the envelope's facts."""

    body: E
    envelope: CloudEvent

    @property
    def sequence(self) -> int:
        return self.envelope.sequence


@dataclass(frozen=True)
class Subscription(Generic[D]):
    """One line of a service's `subscriptions.py`."""

    event: type[Event]
    consume: Callable[[D, Received[Any], Transaction], Awaitable[str | None]]
    """May answer how it went, for the metrics."""
    refuse: Callable[[D, CloudEvent, Exception, Transaction], Awaitable[None]] | None = None
    """Where others may send nonsense: answers what can't be applied, which is not parked then."""


def on(
    event: type[E], consume: Callable[[D, Received[E], Transaction], Awaitable[None]]
) -> Subscription[D]:
    """Pair an event with the function that consumes it; mypy refuses a pair that doesn't fit."""
    return Subscription(event, consume)


class Inbox(Generic[D]):
    """The event edge of one service."""

    def __init__(  # noqa: PLR0913 a composition, each part with its name
        self,
        service: Service,
        deps: D,
        subscriptions: Sequence[Subscription[D]],
        *,
        mongo: Mongo,
        outbox: Outbox,
        bus: Bus,
        now: Clock,
        metrics: Metrics,
        ladder: Sequence[timedelta],
    ) -> None:
        self._service = service
        self._deps = deps
        self._consumers = {line.event.type: line for line in subscriptions}
        self._seen = mongo.collection("inbox")
        self._retries = mongo.collection("retries")
        self._letters = DeadLetters(mongo)
        self._outbox = outbox
        self._bus = bus
        self._now = now
        self._metrics = metrics
        self._ladder = ladder
        self._stopping = asyncio.Event()

    async def prepare(self) -> None:
        await self._seen.ensure(Index("at", expire_seconds=KEPT_DAYS * 86400))
        await self._retries.ensure(Index("due_at"))
        await self._letters.prepare()

    async def start(self) -> None:
        """Take events from now on, and what the bus itself has put aside."""
        if self._consumers:
            await self._bus.subscribe(self._service, self.deliver)
            await self._bus.collect_dead(self._service, self._keep)

    async def _keep(self, dead: DeadMessage) -> None:
        await self._letters.keep_message(dead, self._now())

    async def deliver(self, event: CloudEvent) -> None:
        """Handle an event, or note that it must be tried again; either way it is safe on return.

        Raises StoreAwayError where the database can't be reached: nothing is safe then.
        """
        await self._deliver(event, is_retry=False)

    async def _deliver(self, event: CloudEvent, *, is_retry: bool) -> None:
        begin(
            Cause(
                event.correlationid or event.id,
                event.actor,
                event.traceparent,
                event.actororg,
                origin_of(event.type),
            ),
            service=self._service,
            event_id=event.id,
            event_type=event.type,
            tenant_id=event.tenantid,
        )
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                outcome = await self._handle(event, is_retry=is_retry)
        except StoreAwayError:
            raise
        except Exception as error:  # noqa: BLE001 every failure goes up the ladder
            await self._failed(event, error)
        else:
            self._metrics.consumed(event.type, outcome)
            log.info("event_consumed")

    async def _handle(self, event: CloudEvent, *, is_retry: bool) -> str:
        line = self._consumers.get(event.type)
        if line is None:
            raise LookupError(f"{self._service} has no consumer for {event.type}")
        received = Received(line.event.model_validate(event.data), event)

        async def effect(transaction: Transaction) -> str:
            await self._seen.insert(
                {"_id": event.id, "at": self._now()}, session=transaction.session
            )
            outcome = await line.consume(self._deps, received, transaction)
            if is_retry:  # else there is no row, or its next turn will find the event handled
                await self._retries.delete_many({"_id": event.id}, session=transaction.session)
            return outcome or "done"

        try:
            return await self._outbox.transact(effect)
        except DuplicateKeyError:
            if await self._seen.find_one({"_id": event.id}) is None:
                raise
            await self._retries.delete_many({"_id": event.id})
            return "done"

    async def _failed(self, event: CloudEvent, error: Exception) -> None:
        row = await self._retries.claim(
            {"_id": event.id},
            {
                "$inc": {"attempts": 1},
                "$set": {
                    "event": event.to_json().decode(),
                    "reason": _reason(error),
                    "due_at": self._now() + _CLAIM,
                },
            },
            upsert=True,
        )
        attempts = row["attempts"] if row else 1
        log.warning("event_failed", attempts=attempts, reason=_reason(error), exc_info=error)
        self._metrics.consumed(event.type, "failed")
        line = self._consumers.get(event.type)
        if line is not None and line.refuse is not None and self._is_final(error, attempts):
            await self._refuse(line.refuse, event, error)
        elif attempts > len(self._ladder) or isinstance(error, ValidationError | LookupError):
            await self._park(event, _reason(error), attempts)
        else:
            due_at = self._now() + self._ladder[attempts - 1]
            await self._retries.update({"_id": event.id}, {"$set": {"due_at": due_at}})

    def _is_final(self, error: Exception, attempts: int) -> bool:
        """Whether another attempt would end the same: what may still come about is waited for."""
        is_refusal = isinstance(error, DomainError) and not isinstance(error, UnavailableError)
        return attempts > len(self._ladder) or isinstance(error, ValidationError) or is_refusal

    async def _refuse(self, refuse: Any, event: CloudEvent, error: Exception) -> None:
        async def effect(transaction: Transaction) -> None:
            await self._seen.insert(
                {"_id": event.id, "at": self._now()}, session=transaction.session
            )
            await refuse(self._deps, event, error, transaction)
            await self._retries.delete_many({"_id": event.id}, session=transaction.session)

        with suppress(DuplicateKeyError):  # another replica was faster
            await self._outbox.transact(effect)
        self._metrics.consumed(event.type, "rejected")
        log.warning("event_refused", reason=_reason(error))

    async def _park(self, event: CloudEvent, reason: str, attempts: int) -> None:
        async def act(transaction: Transaction) -> None:
            session = transaction.session
            await self._letters.keep(event, reason, attempts, self._now(), session)
            await self._retries.delete_many({"_id": event.id}, session=session)

        await self._outbox.transact(act)
        self._metrics.consumed(event.type, "parked")
        log.error("event_parked", attempts=attempts, reason=reason)

    async def retry(self) -> None:
        """Try again what is due, until told to stop; replicas share the work."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK_SECONDS)
            try:
                await self._retry_due()
            except UnavailableError as error:
                log.warning("retries_wait", error_code=error.code)

    def stop(self) -> None:
        self._stopping.set()

    async def _retry_due(self) -> None:
        while not self._stopping.is_set():
            now = self._now()
            row = await self._retries.claim(
                {"due_at": {"$lte": now}}, {"$set": {"due_at": now + _CLAIM}}, sort=[("due_at", 1)]
            )
            if row is None:
                return
            event = CloudEvent.model_validate_json(row["event"])
            await self._deliver(event, is_retry=True)


def _reason(error: Exception) -> str:
    """The failure in words that repeat no value of the event."""
    if isinstance(error, ValidationError):
        fields = sorted({".".join(map(str, flaw["loc"])) for flaw in error.errors()})
        return f"The event does not fit its contract: {', '.join(fields)}"
    return f"{type(error).__name__}: {error}"[:500]
