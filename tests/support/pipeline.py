"""The way of an event on RabbitMQ, from the act that publishes it to the effect that it has.

Tenancy publishes and licensing consumes; each takes the URL by which it finds the broker.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.clock import utc_now
from shared.contracts.events import Service
from shared.contracts.tenancy import ResellerCreated
from shared.ids import new_id
from shared.inbox import Inbox, Received, on
from shared.metrics import Metrics
from shared.mongo.database import Mongo
from shared.outbox import Outbox, Transaction
from shared.rabbitmq import RabbitBus


@asynccontextmanager
async def publishing(url: str, mongo: Mongo) -> AsyncIterator[Outbox]:
    """Tenancy's outbox with its relay."""
    bus = RabbitBus(url, Service.TENANCY)
    await bus.open()
    outbox = Outbox(mongo, bus, Service.TENANCY, utc_now)
    await outbox.prepare()
    relay = asyncio.create_task(outbox.relay())
    try:
        yield outbox
    finally:
        outbox.stop()
        await relay
        await bus.close()


@asynccontextmanager
async def consuming(url: str, mongo: Mongo) -> AsyncIterator[RabbitBus]:
    """Licensing's queue, whose effects are rows of `effects`."""
    bus = RabbitBus(url, Service.LICENSING)
    await bus.open()

    async def take(
        store: Mongo, event: Received[ResellerCreated], transaction: Transaction
    ) -> None:
        row = {"_id": new_id(), "name": event.body.reseller_id}
        await store.collection("effects").insert(row, session=transaction.session)

    inbox = Inbox(
        Service.LICENSING,
        mongo,
        [on(ResellerCreated, take)],
        mongo=mongo,
        outbox=Outbox(mongo, bus, Service.LICENSING, utc_now),
        bus=bus,
        now=utc_now,
        metrics=Metrics("test"),
        ladder=(),
    )
    await inbox.prepare()
    retry = asyncio.create_task(inbox.retry())
    await inbox.start()
    try:
        yield bus
    finally:
        await bus.stop_consuming()
        inbox.stop()
        await retry
        await bus.close()


async def commit(outbox: Outbox, *names: str) -> None:
    """One act that publishes an event of each name."""

    async def act(transaction: Transaction) -> None:
        for name in names:
            transaction.publish(ResellerCreated(reseller_id=name, name="A", locale="de"))

    await outbox.transact(act)


async def effects(mongo: Mongo) -> list[str]:
    return sorted(row["name"] for row in await mongo.collection("effects").find({}))


async def settled(mongo: Mongo, names: list[str], within_seconds: float = 60) -> None:
    """Wait for an effect of each name, and then a while for a second one of any."""
    async with asyncio.timeout(within_seconds):
        while await mongo.collection("effects").count({}) < len(names):
            await asyncio.sleep(0.1)
        while await mongo.collection("outbox").count({}):
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
