"""What goes wrong between a service and RabbitMQ, one by one: nothing is lost, nothing doubled."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aio_pika
import pytest
from aio_pika.abc import AbstractRobustChannel
from aiormq.exceptions import ChannelPreconditionFailed
from structlog.testing import capture_logs

from shared.clock import utc_now
from shared.contracts.events import CloudEvent, Service
from shared.dead_letters import DeadLetters, Selection
from shared.ids import new_id
from shared.mongo.database import Mongo
from shared.outbox import Outbox
from shared.rabbitmq import RabbitBus
from shared.topology import DELIVERY_LIMIT
from shared.unsent import LEASE
from tests.support.pipeline import commit, consuming, effects, publishing, settled
from tests.support.proxy import Proxy, proxied
from tests.support.rabbitmq import RabbitNode
from tests.support.wiretap import Wiretap, tapped

pytestmark = [pytest.mark.rabbitmq, pytest.mark.timeout(120)]


@dataclass
class Wire:
    """A broker of the test's own, the proxy in front of it, and what is said there."""

    node: RabbitNode
    vhost: str
    direct: str
    proxy: Proxy
    tap: Wiretap

    @property
    def url(self) -> str:
        """The broker by way of the proxy."""
        return self.through(self.proxy)

    def through(self, proxy: Proxy) -> str:
        return self.direct.replace(f":{self.node.port}/", f":{proxy.port}/")

    def said(self) -> Counter[str | None]:
        """How often each event's id was on the wire."""
        return Counter(said.message_id for said in self.tap.heard)


@pytest.fixture
async def wire(rabbitmq: RabbitNode) -> AsyncIterator[Wire]:
    vhost = f"faults-{new_id()[:8]}"
    direct = rabbitmq.add_vhost(vhost)
    async with proxied(rabbitmq.port) as proxy, tapped(direct) as tap:
        yield Wire(rabbitmq, vhost, direct, proxy, tap)


def names(count: int) -> list[str]:
    return [f"r-{number:04}" for number in range(count)]


async def close_channel(channel: AbstractRobustChannel | None) -> None:
    """Have the broker close this channel alone: it does so on an acknowledgement of nothing."""
    assert channel is not None
    raw = await channel.get_underlay_channel()
    await raw.basic_ack(delivery_tag=999_999)
    async with asyncio.timeout(5):
        await asyncio.wait([raw.closing])
    assert isinstance(raw.closing.exception(), ChannelPreconditionFailed)


async def test_channels_that_the_broker_closes_under_open_connections_lose_and_double_nothing(
    wire: Wire, mongo: Mongo
) -> None:
    expected = names(400)
    async with publishing(wire.url, mongo) as outbox, consuming(wire.url, mongo) as consumer:
        publisher = outbox._bus
        assert isinstance(publisher, RabbitBus)

        for number, name in enumerate(expected):
            await commit(outbox, name)
            if number % 100 == 25:
                await close_channel(publisher._publishing)
            if number % 100 == 75:
                await close_channel(consumer._consuming)
        await settled(mongo, expected)

        assert await effects(mongo) == expected


async def test_a_confirm_that_does_not_come_in_time_leads_to_the_same_event_again_and_one_effect(
    wire: Wire, mongo: Mongo
) -> None:
    async with AsyncExitStack() as stack:
        outbox = await stack.enter_async_context(publishing(wire.url, mongo))
        await stack.enter_async_context(consuming(wire.direct, mongo))
        await commit(outbox, "before")
        await settled(mongo, ["before"])

        with capture_logs() as logs:
            wire.proxy.hold()
            await commit(outbox, "withheld")
            async with asyncio.timeout(10):
                while not [log for log in logs if log["event"] == "publish_not_confirmed"]:
                    await asyncio.sleep(0.05)
            wire.proxy.release()
            await settled(mongo, ["before", "withheld"])

        assert await effects(mongo) == ["before", "withheld"]
        assert sorted(wire.said().values()) == [1, 2]


async def test_what_a_full_queue_refuses_stays_in_the_outbox_until_there_is_room(
    wire: Wire, mongo: Mongo
) -> None:
    expected = names(60)
    async with publishing(wire.url, mongo) as outbox:
        full = ("set_policy", "-p", wire.vhost, "full", "^licensing$", '{"max-length":5}')
        await asyncio.to_thread(wire.node.control, *full)
        for name in expected:
            await commit(outbox, name)
        await asyncio.sleep(2)  # time to publish again what was refused
        refused = await mongo.collection("outbox").count({})

        async with consuming(wire.url, mongo):
            await settled(mongo, expected)

        assert 0 < refused < len(expected)
        assert await effects(mongo) == expected


async def test_a_connection_that_is_cut_every_second_lets_a_thousand_events_through_once_each(
    wire: Wire, mongo: Mongo
) -> None:
    expected = names(1000)
    async with publishing(wire.url, mongo) as outbox, consuming(wire.url, mongo):
        is_over = asyncio.Event()

        async def cut_every_second() -> None:
            while not is_over.is_set():
                await asyncio.sleep(1)
                wire.proxy.cut()

        cutting = asyncio.create_task(cut_every_second())
        for number in range(0, len(expected), 10):
            await commit(outbox, *expected[number : number + 10])
            await asyncio.sleep(0.1)
        is_over.set()
        await cutting
        await settled(mongo, expected)

        assert wire.proxy.cuts >= 8
        assert await effects(mongo) == expected


async def test_what_is_being_handled_goes_on_to_its_end_when_the_connection_is_lost(
    wire: Wire, mongo: Mongo
) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), list[str]()
    reader = RabbitBus(wire.url, Service.LICENSING)
    await reader.open()

    async def take(event: CloudEvent) -> None:
        begun.set()
        await may_end.wait()
        ended.append(event.id)

    await reader.subscribe(Service.LICENSING, take)
    async with publishing(wire.direct, mongo) as outbox:
        await commit(outbox, "r-1")
        await begun.wait()
        wire.proxy.cut()
        async with asyncio.timeout(20):
            while reader.is_connected:
                await asyncio.sleep(0.01)
            may_end.set()
            while not ended:
                await asyncio.sleep(0.02)
        handled = list(ended)
        await reader.stop_consuming()
        await reader.close()

    assert len(handled) == 1


async def test_a_message_that_ends_every_connection_it_is_given_to_is_parked_with_that_reason(
    wire: Wire, mongo: Mongo
) -> None:
    async with publishing(wire.url, mongo) as outbox:
        await commit(outbox, "deadly")
        async with await aio_pika.connect(wire.direct) as crashing:
            channel = await crashing.channel()
            queue = await channel.get_queue(Service.LICENSING)
            for _ in range(DELIVERY_LIMIT + 1):
                message = await queue.get(timeout=5)
                await message.reject(requeue=True)

        async with consuming(wire.url, mongo):
            await commit(outbox, "fine")
            async with asyncio.timeout(20):
                while not (letters := await DeadLetters(mongo).newest(Selection(), 10, None)):
                    await asyncio.sleep(0.1)
            await settled(mongo, ["fine"])

        assert [letter.event.subject for letter in letters if letter.event] == ["deadly"]
        assert "delivery_limit" in letters[0].reason
        assert await effects(mongo) == ["fine"]


async def test_relays_of_several_replicas_share_what_was_left_and_say_nothing_twice(
    wire: Wire, mongo: Mongo
) -> None:
    expected, bus = names(6000), RabbitBus(wire.direct, Service.TENANCY)
    crashed = Outbox(mongo, bus, Service.TENANCY, lambda: utc_now() - LEASE)

    async with AsyncExitStack() as stack:
        logs = stack.enter_context(capture_logs())
        replicas = [await stack.enter_async_context(proxied(wire.node.port)) for _ in range(3)]
        for proxy in replicas:
            await stack.enter_async_context(publishing(wire.through(proxy), mongo))
        idle = [proxy.bytes_asked for proxy in replicas]
        await commit(crashed, *expected)  # nobody relays there: the process is gone
        async with asyncio.timeout(60):
            while len(wire.said()) < len(expected) or await mongo.collection("outbox").count({}):
                await asyncio.sleep(0.1)
        sent = [proxy.bytes_asked - before for proxy, before in zip(replicas, idle, strict=True)]

    said = wire.said()
    unsure = [log for log in logs if log["event"] == "publish_not_confirmed"]
    assert len(said) == len(expected)
    assert said.total() - len(expected) <= len(unsure)
    assert min(sent) > 50_000
