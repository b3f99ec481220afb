"""State and its events are one act: the transaction that also files events, and their relay.

An event is written with the state, already leased to this process, which publishes it at once after
the commit and forgets it soon after the bus has confirmed. Whatever a crash or an outage leaves
behind is swept up when its lease has run out, by any replica, under the same event id.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

import structlog

from shared.bus import Bus
from shared.clock import Clock, monotonic
from shared.context import cause
from shared.contracts.events import CloudEvent, Event, Service
from shared.ids import OrgKind, kind_of, new_id
from shared.mongo.collection import Document, Session
from shared.mongo.database import Mongo
from shared.mongo.errors import StoreAwayError
from shared.unsent import Unsent, Waiting

T = TypeVar("T")
log = structlog.get_logger()

SWEEP_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 0.2
"""How long a confirmed event may stay where it waited, so that many are forgotten at once."""
BATCH: Final = 200
"""How many events are handed to the bus, or taken over, at a time."""


class BrokenOffError(Exception):
    """A part of a greater act has failed, and what comes after it can't be kept: begin anew."""


class Transaction:
    """One act: stores join it by `session`, and the events published in it go out if it commits."""

    def __init__(self, session: Session, source: Service, now: Clock) -> None:
        self.session = session
        self.events: list[CloudEvent] = []
        self._source = source
        self._now = now
        self._is_broken = False
        self.is_open = True

    async def join(self, work: "Callable[[Transaction], Awaitable[T]]") -> T:
        """Run `work` as a part of this act. Where it fails, no other part may follow."""
        if self._is_broken:
            raise BrokenOffError
        try:
            return await work(self)
        except BaseException:
            self._is_broken = True
            raise

    def must_be_whole(self) -> None:
        """BrokenOffError where a part has failed, whoever got over it."""
        if self._is_broken:
            raise BrokenOffError

    def publish(self, event: Event, *, sequence: int = 1) -> None:
        """File an event with the version that its aggregate has after this act."""
        self.events.append(_told(event, sequence, self._source, self._now()))


def _told(event: Event, sequence: int, source: Service, now: datetime) -> CloudEvent:
    because = cause()
    org = getattr(event, "org", None)
    tenant = getattr(event, "tenant_id", None)
    reseller = getattr(event, "reseller_id", None)
    return CloudEvent(
        id=new_id(),
        source=f"/portal/{source}",
        type=event.type,
        subject=event.subject,
        time=now,
        sequence=sequence,
        tenantid=tenant or (org if org and kind_of(org) is OrgKind.TENANT else None),
        resellerid=reseller or (org if org and kind_of(org) is OrgKind.RESELLER else None),
        actor=because.actor,
        actororg=because.actor_org,
        origin=because.origin,
        correlationid=because.request_id,
        traceparent=because.traceparent,
        data=event.model_dump(mode="json", exclude_none=True),
    )


_greater: ContextVar[Transaction | None] = ContextVar("greater_transaction", default=None)


class Transact(Protocol):
    """What an action needs to change something: `Outbox.transact`."""

    async def __call__(self, work: Callable[[Transaction], Awaitable[T]]) -> T: ...


class Outbox:
    """Transactions of one service and the relay of what they publish."""

    def __init__(self, mongo: Mongo, bus: Bus, source: Service, now: Clock) -> None:
        self._mongo = mongo
        self._bus = bus
        self._source = source
        self._now = now
        self._owner = new_id()
        self._outbox = Unsent(mongo.collection("outbox"), self._owner)
        self._all = [self._outbox]
        self._fresh: list[Waiting] = []
        self._confirmed: list[Waiting] = []
        self._wake = asyncio.Event()
        self._stopping = False

    async def prepare(self) -> None:
        for unsent in self._all:
            await unsent.prepare()

    def carrier(self, collection: str) -> "Carrier":
        """A collection whose documents carry the event of their making; to be asked for before
        `prepare`.
        """
        home = Unsent(self._mongo.collection(collection), self._owner, carried=True)
        self._all.append(home)
        return Carrier(self, home)

    async def insert(
        self, home: Unsent, document: Document, event: Event, *, sequence: int = 1
    ) -> None:
        """Insert a document that carries its event; see `Carrier`."""
        greater = _greater.get()
        assert greater is None or not greater.is_open, "it can't be undone with a greater act"
        waiting = home.filed(_told(event, sequence, self._source, self._now()), document)
        await home.rows.insert(waiting.row)
        self._publish_soon([waiting])

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` with a transaction; its state and its events are kept together or not at all.

        `work` may run more than once and must do nothing but read and write through stores.
        """
        greater = _greater.get()
        if greater is not None and greater.is_open:
            return await greater.join(work)
        return await self._commit(work)

    async def together(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` so that all transactions within it are one, committed when it returns."""

        async def act(transaction: Transaction) -> T:
            token = _greater.set(transaction)
            try:
                result = await work(transaction)
            finally:
                _greater.reset(token)
                transaction.is_open = False
            transaction.must_be_whole()
            return result

        return await self._commit(act)

    async def _commit(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        filed: list[Waiting] = []

        async def act(session: Session) -> T:
            transaction = Transaction(session, self._source, self._now)
            result = await work(transaction)
            filed[:] = map(self._outbox.filed, transaction.events)
            if filed:
                rows = [waiting.row for waiting in filed]
                await self._outbox.rows.insert(*rows, session=session)
            return result

        result = await self._mongo.transact(act)
        self._publish_soon(filed)
        return result

    def _publish_soon(self, filed: Sequence[Waiting]) -> None:
        if filed:
            self._fresh += filed
            self._wake.set()

    async def relay(self) -> None:
        """Publish until told to stop: what was just committed at once, what is left by sweep."""
        sweep_at = forget_at = monotonic()
        while not self._stopping or self._fresh or self._confirmed:
            with suppress(TimeoutError):
                pause = FORGET_SECONDS if self._confirmed else SWEEP_SECONDS
                await asyncio.wait_for(self._wake.wait(), pause)
            self._wake.clear()
            try:
                await self._publish_fresh()
                if self._stopping or monotonic() >= forget_at:
                    await self._forget_confirmed()
                    forget_at = monotonic() + FORGET_SECONDS
                if monotonic() >= sweep_at:
                    await self._sweep()
                    sweep_at = monotonic() + SWEEP_SECONDS
            except StoreAwayError:
                log.warning("outbox_waits_for_the_database")
                await asyncio.sleep(SWEEP_SECONDS)

    async def flush(self) -> None:
        """Publish what this process has committed; for programs that don't run the relay."""
        await self._publish_fresh()
        await self._forget_confirmed()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def oldest_seconds(self) -> float:
        """The age of the oldest event that is not yet published, 0 where there is none."""
        since = [at for home in self._all if (at := await home.oldest()) is not None]
        return (self._now() - min(since)).total_seconds() if since else 0.0

    async def _publish_fresh(self) -> None:
        while self._fresh:
            batch, self._fresh = self._fresh[:BATCH], self._fresh[BATCH:]
            await self._publish(batch)

    async def _sweep(self) -> None:
        """Take over events whose lease has run out: their process died or the bus was away."""
        for home in self._all:
            while left := await home.take_over(self._now(), BATCH):
                if not await self._publish(left):
                    return
                await self._forget_confirmed()

    async def _publish(self, batch: Sequence[Waiting]) -> bool:
        """Publish what the bus takes; the rest waits for its lease to end."""
        taken = set(await self._bus.publish([waiting.event for waiting in batch]))
        self._confirmed += [waiting for waiting in batch if waiting.event.id in taken]
        refused = [waiting for waiting in batch if waiting.event.id not in taken]
        if refused:
            log.warning("events_not_confirmed", count=len(refused))
            retry_at = self._now() + timedelta(seconds=SWEEP_SECONDS)
            for home, some in _by_home(refused):
                await home.postpone(some, retry_at)
        return not refused

    async def _forget_confirmed(self) -> None:
        confirmed, self._confirmed = self._confirmed, []
        for home, some in _by_home(confirmed):
            await home.forget(some)


def _by_home(some: Sequence[Waiting]) -> list[tuple[Unsent, list[Waiting]]]:
    homes = dict.fromkeys(waiting.home for waiting in some)
    return [(home, [waiting for waiting in some if waiting.home is home]) for home in homes]


class Carrier:
    """A collection whose documents carry the event of their making: one write, no transaction.

    For acts that are done so often that a transaction's cost counts and that write one document.
    """

    def __init__(self, outbox: Outbox, home: Unsent) -> None:
        self._outbox = outbox
        self._home = home

    async def insert(self, document: Document, event: Event, *, sequence: int = 1) -> None:
        """State and event, written as one; the event goes out at once."""
        await self._outbox.insert(self._home, document, event, sequence=sequence)
