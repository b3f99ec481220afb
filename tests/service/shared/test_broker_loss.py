"""A broker that dies: nothing that was committed is lost, and nothing has its effect twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aio_pika
import pytest

from shared.bus import queues_for
from shared.clock import monotonic, utc_now
from shared.contracts.events import CloudEvent, Service
from shared.contracts.tenancy import ResellerCreated
from shared.ids import new_id
from shared.mongo.database import Mongo
from shared.rabbitmq import RabbitBus
from tests.support.pipeline import commit, consuming, effects, publishing
from tests.support.rabbitmq import SETTLE_SECONDS, RabbitNode
from tests.support.scratch import scratch_folder

pytestmark = [pytest.mark.rabbitmq, pytest.mark.timeout(120)]


@pytest.fixture
async def own_node() -> AsyncIterator[RabbitNode]:
    """A broker that this test may kill."""
    with scratch_folder("rabbitmq-own") as folder:
        node = RabbitNode(folder)
        await node.start()
        yield node
        await node.close()


async def test_events_committed_while_the_broker_is_dead_take_effect_once_when_it_is_back(
    own_node: RabbitNode, mongo: Mongo
) -> None:
    async with AsyncExitStack() as stack:
        outbox = await stack.enter_async_context(publishing(own_node.url, mongo))
        bus = await stack.enter_async_context(consuming(own_node.url, mongo))
        await commit(outbox, "before")
        await asyncio.sleep(SETTLE_SECONDS)

        streaming = [f"during-{number:02}" for number in range(20)]
        kill = asyncio.create_task(_kill_soon(own_node))
        for name in streaming:
            await commit(outbox, name)
            await asyncio.sleep(0.02)
        await kill
        went = not bus.is_connected
        for number in range(20):
            await commit(outbox, f"while-dead-{number:02}")
        waiting = await mongo.collection("outbox").count({})
        await own_node.start()
        begun = monotonic()
        expected = sorted(["before", *streaming, *(f"while-dead-{n:02}" for n in range(20))])
        async with asyncio.timeout(60):
            while await effects(mongo) != expected:
                await asyncio.sleep(0.1)
        seconds = monotonic() - begun
        await asyncio.sleep(1)  # a second effect would show now

        assert went
        assert waiting >= 20
        assert await effects(mongo) == expected
        assert seconds < 20
        assert await mongo.collection("outbox").count({}) == 0


async def _kill_soon(node: RabbitNode) -> None:
    await asyncio.sleep(0.2)
    await node.kill()


async def test_what_the_broker_can_route_nowhere_is_not_confirmed(rabbitmq: RabbitNode) -> None:
    url = rabbitmq.add_vhost(f"unroutable-{new_id()[:8]}")
    bus = RabbitBus(url, Service.TENANCY)
    await bus.open()
    event = CloudEvent(
        id=new_id(),
        source="/portal/test",
        type=ResellerCreated.type,
        subject="100001.rsp",
        time=utc_now(),
        sequence=1,
        data={"reseller_id": "100001.rsp", "name": "A", "locale": "de"},
    )
    before = await bus.publish([event])

    async with await aio_pika.connect(url) as plain:
        channel = await plain.channel()
        for reader in queues_for(event.type):
            await channel.queue_delete(reader)
    after = await bus.publish([event])
    await bus.close()

    assert before == [event.id]
    assert after == []
