"""The bus on RabbitMQ: publishing with confirmation, and reading until it is safe."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import structlog
from aio_pika import DeliveryMode, Message, connect_robust
from aio_pika.abc import (
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
    AbstractRobustChannel,
    AbstractRobustConnection,
    AbstractRobustQueue,
)
from aiormq.exceptions import AMQPConnectionError, AMQPError, ChannelInvalidStateError
from pydantic import ValidationError

from shared.bus import BusLostError, DeadMessage, Deliver, Hear, Keep, has_outlet, queues_for
from shared.clock import monotonic
from shared.contracts.events import CloudEvent, Service
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.inbound import INBOUND_EXCHANGE, read_inbound
from shared.topology import EXCHANGE, declare_topology

log = structlog.get_logger()

CONTENT_TYPE: Final = "application/cloudevents+json"
HEARTBEAT_SECONDS: Final = 5
PUBLISH_SECONDS: Final = 5.0
ACKNOWLEDGE_SECONDS: Final = 5.0
PREFETCH: Final = 20
_REASON: Final = "x-portal-reason"
_ECHO_SECONDS: Final = 1.0
_FORGOTTEN_MS: Final = 60_000
"""How long the broker keeps a listener's queue after its process has gone."""
_GAP: Final = (
    AMQPError,
    ChannelInvalidStateError,
    ConnectionError,
    TimeoutError,
    RuntimeError,
    OSError,
)
"""What a publish may fail with; all of them mean: outcome unknown, publish again."""
_LOST: Final = (AMQPConnectionError, ChannelInvalidStateError, RuntimeError, OSError, TimeoutError)
"""What says that the connection is gone, not that the broker refuses something."""


def _is_cancelled() -> bool:
    """Whether somebody cancelled us; else the driver's reader ended: the connection is lost."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@contextmanager
def _or_lost() -> Iterator[None]:
    """Around what is asked of the broker: BusLostError where it goes meanwhile."""
    try:
        yield
    except asyncio.CancelledError as error:
        if _is_cancelled():
            raise
        raise BusLostError from error
    except _LOST as error:
        raise BusLostError from error


class RabbitBus:
    """One service's two connections to the broker: one to publish on, one to consume on."""

    def __init__(self, url: str, name: str) -> None:
        self._url = f"{url}{'&' if '?' in url else '?'}heartbeat={HEARTBEAT_SECONDS}"
        self._name = name
        self._connections: list[AbstractRobustConnection] = []
        self._events: AbstractExchange | None = None
        self._dead: AbstractExchange | None = None
        self._publishing: AbstractRobustChannel | None = None
        self._consuming: AbstractRobustChannel | None = None
        self._consumers: list[tuple[AbstractQueue, str]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._heard_at = float("-inf")
        self._stopping = False

    async def open(self) -> None:
        """Connect, waiting for the broker as long as it takes, and declare the topology.

        Raises BusLostError where it is lost while that is declared.
        """
        publishing = await self._connect("publish")
        with _or_lost():
            self._publishing = await self._channel(publishing, on_return_raises=True)
        consuming = await self._connect("consume")
        with _or_lost():
            self._consuming = await self._channel(consuming)
            await self._consuming.set_qos(prefetch_count=PREFETCH)
            self._events, self._dead = await declare_topology(self._publishing)

    async def _connect(self, what: str) -> AbstractRobustConnection:
        pause = 0.2
        while True:
            try:
                connection = await connect_robust(
                    self._url,
                    reconnect_interval=1,
                    timeout=5,
                    client_properties={"connection_name": f"{self._name} {what}"},
                )
            except _GAP as error:
                log.warning("bus_not_reached", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            else:
                self._connections.append(connection)
                return connection

    async def _channel(
        self, connection: AbstractRobustConnection, *, on_return_raises: bool = False
    ) -> AbstractRobustChannel:
        channel = await connection.channel(
            publisher_confirms=True, on_return_raises=on_return_raises
        )
        assert isinstance(channel, AbstractRobustChannel)
        return channel

    async def publish(self, events: Sequence[CloudEvent]) -> list[str]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._confirmed(event)) for event in events]
        return [event.id for event, task in zip(events, tasks, strict=True) if task.result()]

    async def _confirmed(self, event: CloudEvent) -> bool:
        message = Message(
            event.to_json(),
            message_id=event.id,
            type=event.type,
            content_type=CONTENT_TYPE,
            correlation_id=event.correlationid,
            timestamp=event.time,
            delivery_mode=DeliveryMode.PERSISTENT,
        )
        mandatory = bool(queues_for(event.type)) or has_outlet(event.type)
        return await self._send(event.type, message, mandatory=mandatory, exchange=self._events)

    async def _send(
        self, key: str, message: Message, *, mandatory: bool, exchange: AbstractExchange | None
    ) -> bool:
        if exchange is None:
            return False
        try:
            await exchange.publish(message, key, mandatory=mandatory, timeout=PUBLISH_SECONDS)
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            return False
        except _GAP as error:
            log.warning("publish_not_confirmed", error=type(error).__name__)
            return False
        return True

    async def subscribe(self, reader: Service, deliver: Deliver) -> None:
        await self._consume(reader, lambda message: self._take(reader, deliver, message))

    async def collect_dead(self, reader: Service, keep: Keep) -> None:
        async def take(message: AbstractIncomingMessage) -> None:
            dead = _dead(message)
            await self._until_safe(message, lambda: keep(dead))

        await self._consume(f"{reader}.dead", take)

    async def _consume(
        self, name: str, take: Callable[[AbstractIncomingMessage], Awaitable[None]]
    ) -> None:
        assert self._consuming is not None

        async def counted(message: AbstractIncomingMessage) -> None:
            try:
                await take(message)
            finally:
                self._under_way -= 1
                if not self._under_way:
                    self._idle.set()

        async def begin(message: AbstractIncomingMessage) -> None:
            """In a task of ours: the driver cancels its own when the connection is lost."""
            self._under_way += 1
            self._idle.clear()
            self._spawn(counted(message))

        queue = await self._consuming.get_queue(name, ensure=True)
        self._consumers.append((queue, await queue.consume(begin)))

    async def _take(
        self, reader: Service, deliver: Deliver, message: AbstractIncomingMessage
    ) -> None:
        """Hand a message to its reader and acknowledge it only when it is safe there."""
        try:
            event = _parsed(message.body, message.exchange, message.routing_key)
        except ValidationError:
            await self._set_aside_unreadable(reader, message)
            return
        await self._until_safe(message, lambda: deliver(event))

    async def _until_safe(
        self, message: AbstractIncomingMessage, hand_over: Callable[[], Awaitable[None]]
    ) -> None:
        pause = 0.5
        while not self._stopping:
            try:
                await hand_over()
            except UnavailableError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5)
            else:
                await self._acknowledge(message)
                return

    async def _acknowledge(self, message: AbstractIncomingMessage) -> None:
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):  # for ever where the connection goes
                await message.ack()
        except _GAP as error:
            log.info("delivery_will_repeat", error=type(error).__name__)

    async def _set_aside_unreadable(
        self, reader: Service, message: AbstractIncomingMessage
    ) -> None:
        log.error("message_is_no_event", reader=reader)
        copy = Message(
            message.body,
            content_type=message.content_type,
            headers={_REASON: "The message is not a CloudEvent."},
            delivery_mode=DeliveryMode.PERSISTENT,
        )
        while not await self._send_dead(reader, copy):  # noqa: ASYNC110 the broker calls nobody when it is back
            await asyncio.sleep(1)
        await self._acknowledge(message)

    async def listen(self, types: Iterable[str], hear: Hear) -> None:
        """Bind a queue of this process alone; a heartbeat through it proves that it works.

        The queue is not exclusive: after a cut the broker may hold the old connection for a while,
        and an exclusive queue would be locked until then.
        """
        assert self._consuming is not None

        async def take(message: AbstractIncomingMessage) -> None:
            self._heard_at = monotonic()
            if message.body:
                hear(CloudEvent.model_validate_json(message.body))

        with _or_lost():
            queue = await self._consuming.declare_queue(
                f"{self._name}.{new_id()}", durable=True, arguments={"x-expires": _FORGOTTEN_MS}
            )
            for event_type in sorted(types):
                await queue.bind(EXCHANGE, event_type)
            await queue.consume(take, no_ack=True)
        self._heard_at = monotonic()
        self._spawn(self._echo(queue))

    async def _echo(self, queue: AbstractRobustQueue) -> None:
        assert self._publishing is not None
        while not self._stopping:
            await asyncio.sleep(_ECHO_SECONDS)
            exchange = self._publishing.default_exchange
            await self._send(queue.name, Message(b""), mandatory=True, exchange=exchange)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_dead(self, reader: Service, message: Message) -> bool:
        return await self._send(reader, message, mandatory=True, exchange=self._dead)

    def heard_seconds_ago(self) -> float:
        return monotonic() - self._heard_at

    @property
    def is_connected(self) -> bool:
        return bool(self._connections) and all(
            connection.connected.is_set() for connection in self._connections
        )

    async def stop_consuming(self) -> None:
        self._stopping = True
        for queue, tag in self._consumers:
            try:
                await queue.cancel(tag, timeout=2)
            except _GAP:
                log.info("consumer_was_gone")
        await self._idle.wait()

    async def close(self) -> None:
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
        for connection in self._connections:
            await connection.close()


def _parsed(body: bytes, exchange: str | None, key: str | None) -> CloudEvent:
    """The event, by where it was published: what comes from outside is not believed to be ours."""
    if exchange == INBOUND_EXCHANGE:
        return read_inbound(body, key or "")
    return CloudEvent.model_validate_json(body)


def _dead(message: AbstractIncomingMessage) -> DeadMessage:
    """A dead message with its reason: ours, or else the broker's, which has moved it."""
    headers = message.headers
    if _REASON in headers:
        return DeadMessage(message.body, None, str(headers[_REASON]), 1)
    told: Any = headers.get("x-death") or [{}]
    exchange, keys = told[0].get("exchange"), told[0].get("routing-keys") or [""]
    reason = f"The broker put it aside: {told[0].get('reason', 'unknown')}"
    try:
        event = _parsed(message.body, exchange, keys[0])
    except ValidationError:
        return DeadMessage(message.body, None, reason, 1)
    return DeadMessage(message.body, event, reason, int(told[0].get("count", 1)))
