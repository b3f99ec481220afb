"""The message bus as services see it, and its adapter for a portal that is one process.

Both adapters (this one and `shared.rabbitmq`) pass one contract suite: what is published reaches
every reader's queue once or more, in no promised order, and `publish` says what is safe.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import structlog

from shared.contracts.events import CATALOGUE, CloudEvent, Service

log = structlog.get_logger()

Deliver: TypeAlias = Callable[[CloudEvent], Awaitable[None]]
"""Takes an event over: when it returns, the event is safe with the reader; else it raises."""
Hear: TypeAlias = Callable[[CloudEvent], None]
"""Hears of an event as it passes; nobody waits for it, and nothing is kept."""


@dataclass(frozen=True)
class DeadMessage:
    """A message that the bus has put aside."""

    body: bytes
    event: CloudEvent | None
    """None where it is no event."""
    reason: str
    attempts: int


Keep: TypeAlias = Callable[[DeadMessage], Awaitable[None]]
"""Takes it over: when it returns, the message is safe."""


class BusLostError(Exception):
    """The bus was there and has gone while something was asked of it; ask again."""


class Bus(Protocol):
    async def publish(self, events: Sequence[CloudEvent]) -> list[str]:
        """Hand events over; returns the ids of those that are safe with the bus.

        Whatever is missing from the answer may or may not have gone out: publish it again under
        the same id.
        """

    async def subscribe(self, reader: Service, deliver: Deliver) -> None:
        """Start taking this reader's events; replicas of a reader share its queue."""

    async def listen(self, types: Iterable[str], hear: Hear) -> None:
        """Hear of these events from now on, in every replica; nothing is kept for who is away.

        Raises BusLostError where it is lost on the way there.
        """

    async def collect_dead(self, reader: Service, keep: Keep) -> None:
        """Start handing over what the bus itself has put aside in `<reader>.dead`."""

    def heard_seconds_ago(self) -> float:
        """How long ago the bus last proved that this process would hear of an event."""

    @property
    def is_connected(self) -> bool: ...

    async def stop_consuming(self) -> None:
        """Take no further event; returns when those under way are done."""

    async def close(self) -> None: ...


@dataclass
class Hub:
    """What the in-process buses of all services in one process have in common."""

    readers: dict[Service, Deliver] = field(default_factory=dict)
    listeners: list[tuple[frozenset[str], Hear]] = field(default_factory=list)


class InProcessBus:
    """The bus of one service in a portal that is one process: readers are called straight away.

    It keeps nothing: an event is confirmed only when every reader has taken it over, so that the
    publishers' outboxes are what makes it durable.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._reader: Service | None = None
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def publish(self, events: Sequence[CloudEvent]) -> list[str]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._hand_over(event)) for event in events]
        return [event.id for event, task in zip(events, tasks, strict=True) if task.result()]

    async def _hand_over(self, event: CloudEvent) -> bool:
        for types, hear in self._hub.listeners:
            if event.type in types:
                hear(event)
        safe = True
        for reader in sorted(queues_for(event.type)):
            try:
                await self._hub.readers[reader](event)
            except Exception as error:  # noqa: BLE001 whatever a reader fails with, the event stays
                log.warning(
                    "event_not_taken", reader=reader, event_type=event.type, error=repr(error)
                )
                safe = False
        return safe

    async def subscribe(self, reader: Service, deliver: Deliver) -> None:
        async def take(event: CloudEvent) -> None:
            self._under_way += 1
            self._idle.clear()
            try:
                await deliver(event)
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._idle.set()

        self._reader = reader
        self._hub.readers[reader] = take

    async def listen(self, types: Iterable[str], hear: Hear) -> None:
        self._hub.listeners.append((frozenset(types), hear))

    async def collect_dead(self, reader: Service, keep: Keep) -> None:
        """It puts nothing aside."""

    def heard_seconds_ago(self) -> float:
        return 0.0

    @property
    def is_connected(self) -> bool:
        return True

    async def stop_consuming(self) -> None:
        if self._reader is not None:
            self._hub.readers.pop(self._reader, None)
        await self._idle.wait()

    async def close(self) -> None:
        """Nothing is open."""


def queues_for(event_type: str) -> frozenset[Service]:
    """The readers that have a queue for events of this type; the gateway only listens."""
    kind = CATALOGUE.get(event_type)
    return (kind.readers if kind else frozenset()) - {Service.GATEWAY}


def has_outlet(event_type: str) -> bool:
    """Whether somebody outside of the portal reads events of this type, where there is a broker."""
    kind = CATALOGUE.get(event_type)
    return bool(kind and kind.outlets)
