"""Both adapters of the bus, behind one fixture."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import aio_pika
import pytest

from shared.bus import Bus, Hub, InProcessBus
from shared.contracts.events import CloudEvent, Service
from shared.ids import new_id
from shared.mongo.database import Mongo, open_mongo
from shared.rabbitmq import RabbitBus
from tests.support.rabbitmq import RabbitNode

_numbers = itertools.count()
Opened: TypeAlias = Callable[[Service], Awaitable[Bus]]


@dataclass
class Broker:
    """One bus that several services stand on."""

    open: Opened
    inject: Callable[[str, bytes], Awaitable[None]] | None
    """Put raw bytes into a queue, where there is one."""


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    async with open_mongo(mongo_url, f"c_{new_id()[:12]}") as opened:
        yield opened
        await opened.drop()


@pytest.fixture(params=["in_process", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def node(request: pytest.FixtureRequest) -> RabbitNode | None:
    """The broker's node; None for the bus in the process."""
    found: RabbitNode | None = None
    if request.param == "rabbitmq":
        found = request.getfixturevalue("rabbitmq")
    return found


@pytest.fixture
async def broker(node: RabbitNode | None) -> AsyncIterator[Broker]:
    async with _in_process() if node is None else _on_rabbitmq(node) as made:
        yield made


@asynccontextmanager
async def _in_process() -> AsyncIterator[Broker]:
    async def take(_: CloudEvent) -> None:
        """Taken, as a queue takes it whose service is away."""

    hub = Hub(readers=dict.fromkeys(Service, take))
    buses = list[Bus]()

    async def opened(_: Service) -> Bus:
        buses.append(InProcessBus(hub))
        return buses[-1]

    yield Broker(opened, None)
    for bus in buses:
        await bus.stop_consuming()
        await bus.close()


@asynccontextmanager
async def _on_rabbitmq(node: RabbitNode) -> AsyncIterator[Broker]:
    url, buses = node.add_vhost(f"contract-{next(_numbers)}"), list[RabbitBus]()

    async def opened(service: Service) -> Bus:
        bus = RabbitBus(url, service)
        await bus.open()
        buses.append(bus)
        return bus

    async with await aio_pika.connect(url) as plain:
        channel = await plain.channel()

        async def inject(queue: str, body: bytes) -> None:
            await channel.default_exchange.publish(aio_pika.Message(body), queue)

        yield Broker(opened, inject)
        for bus in buses:
            await bus.stop_consuming()
            await bus.close()
