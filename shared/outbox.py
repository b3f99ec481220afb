"""State and its events are one act: the transaction that also files events, and their relay.

A row of `outbox` is written with the state, already leased to this process, which publishes it at
once after the commit and deletes it after the bus has confirmed. Whatever a crash or an outage
leaves behind is swept up when its lease has run out, by any replica, under the same event id.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, Final, Protocol, TypeVar

import structlog

from shared.bus import Bus
from shared.clock import Clock, monotonic
from shared.context import cause
from shared.contracts.events import CloudEvent, Event, Service
from shared.ids import OrgKind, kind_of, new_id
from shared.mongo import Index, Mongo, Session, StoreAwayError

T = TypeVar("T")
log = structlog.get_logger()

LEASE: Final = timedelta(seconds=15)
SWEEP_SECONDS: Final = 1.0
BATCH: Final = 200


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
        because = cause()
        org = getattr(event, "org", None)
        tenant = getattr(event, "tenant_id", None)
        reseller = getattr(event, "reseller_id", None)
        self.events.append(
            CloudEvent(
                id=new_id(),
                source=f"/portal/{self._source}",
                type=event.type,
                subject=event.subject,
                time=self._now(),
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
        )


_greater: ContextVar[Transaction | None] = ContextVar("greater_transaction", default=None)


class Transact(Protocol):
    """What an action needs to change something: `Outbox.transact`."""

    async def __call__(self, work: Callable[[Transaction], Awaitable[T]]) -> T: ...


class Outbox:
    """Transactions of one service and the relay of what they publish."""

    def __init__(self, mongo: Mongo, bus: Bus, source: Service, now: Clock) -> None:
        self._mongo = mongo
        self._rows = mongo.collection("outbox")
        self._bus = bus
        self._source = source
        self._now = now
        self._owner = new_id()
        self._fresh: list[CloudEvent] = []
        self._wake = asyncio.Event()
        self._stopping = False

    async def prepare(self) -> None:
        await self._rows.ensure(Index("leased_until"), Index("filed_at"))

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
        filed: list[CloudEvent] = []

        async def act(session: Session) -> T:
            transaction = Transaction(session, self._source, self._now)
            result = await work(transaction)
            filed[:] = transaction.events
            if filed:
                await self._rows.insert(*map(self._row, filed), session=session)
            return result

        result = await self._mongo.transact(act)
        if filed:
            self._fresh += filed
            self._wake.set()
        return result

    def _row(self, event: CloudEvent) -> dict[str, Any]:
        now = self._now()
        return {
            "_id": event.id,
            "event": event.to_json().decode(),
            "filed_at": now,
            "owner": self._owner,
            "leased_until": now + LEASE,
        }

    async def relay(self) -> None:
        """Publish until told to stop: what was just committed at once, what is left by sweep."""
        sweep_at = monotonic()
        while not self._stopping or self._fresh:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), SWEEP_SECONDS)
            self._wake.clear()
            try:
                await self._publish_fresh()
                if monotonic() >= sweep_at:
                    await self._sweep()
                    sweep_at = monotonic() + SWEEP_SECONDS
            except StoreAwayError:
                log.warning("outbox_waits_for_the_database")
                await asyncio.sleep(SWEEP_SECONDS)

    async def flush(self) -> None:
        """Publish what this process has committed; for programs that don't run the relay."""
        await self._publish_fresh()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def oldest_seconds(self) -> float:
        """The age of the oldest event that is not yet published, 0 where there is none."""
        rows = await self._rows.find({}, sort=[("filed_at", 1)], limit=1)
        return (self._now() - rows[0]["filed_at"]).total_seconds() if rows else 0.0

    async def _publish_fresh(self) -> None:
        while self._fresh:
            batch, self._fresh = self._fresh[:BATCH], self._fresh[BATCH:]
            await self._publish(batch)

    async def _sweep(self) -> None:
        """Take over rows whose lease has run out: their process died or the bus was away."""
        while True:
            now = self._now()
            left = await self._rows.find(
                {"leased_until": {"$lt": now}}, sort=[("leased_until", 1)], limit=BATCH
            )
            ids = [row["_id"] for row in left]
            if not ids:
                return
            await self._rows.update_many(
                {"_id": {"$in": ids}, "leased_until": {"$lt": now}},
                {"$set": {"owner": self._owner, "leased_until": now + LEASE}},
            )
            mine = await self._rows.find(
                {"_id": {"$in": ids}, "owner": self._owner}, sort=[("filed_at", 1)]
            )
            if not await self._publish(
                [CloudEvent.model_validate_json(row["event"]) for row in mine]
            ):
                return

    async def _publish(self, batch: list[CloudEvent]) -> bool:
        """Publish, then forget what the bus has confirmed; the rest waits for its lease to end."""
        confirmed = await self._bus.publish(batch)
        if confirmed:
            await self._rows.delete_many({"_id": {"$in": confirmed}, "owner": self._owner})
        if len(confirmed) < len(batch):
            unsent = [event.id for event in batch if event.id not in set(confirmed)]
            log.warning("events_not_confirmed", count=len(unsent))
            retry_at = self._now() + timedelta(seconds=SWEEP_SECONDS)
            await self._rows.update_many(
                {"_id": {"$in": unsent}, "owner": self._owner}, {"$set": {"leased_until": retry_at}}
            )
        return len(confirmed) == len(batch)
