"""The yardstick of events: the same steps written straight down on motor and aio-pika.

Transaction of state and outbox, relay woken by the commit, confirmed publish to a quorum queue,
inbox transaction, acknowledgement; no models, no logs, no retries.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from typing import Any, Final, TypeAlias

import aio_pika
import orjson
import uvloop
from aio_pika.abc import AbstractIncomingMessage
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from bench.programs.plan import Plan, Tally, produce
from shared.clock import utc_now
from shared.ids import new_id
from shared.rabbitmq import PREFETCH

QUEUE: Final = "bench.bare"
BATCH: Final = 200
Document: TypeAlias = dict[str, Any]


async def main(plan: Plan) -> None:
    async with _database(plan) as database, _channel(plan) as channel:
        if plan.role == "produce":
            await _produce(plan, database, channel)
        else:
            await _consume(plan, database, channel)


async def _produce(
    plan: Plan, database: "AsyncIOMotorDatabase[Document]", channel: aio_pika.abc.AbstractChannel
) -> None:
    changes, outbox = database["changes"], database["outbox"]
    await changes.insert_one({"_id": "first"})
    await outbox.create_index("leased_until")
    await outbox.create_index("filed_at")
    fresh: list[Document] = []
    wake = asyncio.Event()

    async def commit(name: str) -> None:
        event = _event(name)
        row = {"_id": event["id"], "event": orjson.dumps(event).decode(), "filed_at": utc_now()}
        async with await database.client.start_session() as session, session.start_transaction():
            await changes.insert_one({"_id": name, "changed_at": utc_now()}, session=session)
            await outbox.insert_one({**row, "leased_until": utc_now()}, session=session)
        fresh.append(event)
        wake.set()

    async def relay() -> None:
        while await wake.wait():
            wake.clear()
            while fresh:
                batch = fresh[:BATCH]
                del fresh[:BATCH]
                async with asyncio.TaskGroup() as group:
                    for event in batch:
                        group.create_task(_publish(channel, event))
                await outbox.delete_many({"_id": {"$in": [event["id"] for event in batch]}})

    relaying = asyncio.create_task(relay())
    await produce(plan, commit)
    while await outbox.count_documents({}):  # noqa: ASYNC110 the collection has no event to wait for
        await asyncio.sleep(0.05)
    relaying.cancel()
    with suppress(asyncio.CancelledError):
        await relaying


def _event(name: str) -> Document:
    """As large as the portal's: a CloudEvent with the same body."""
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": "/portal/auth",
        "type": "portal.auth.password.changed.v1",
        "subject": name,
        "time": utc_now(),
        "datacontenttype": "application/json",
        "sequence": 1,
        "tenantid": "123456.sms",
        "correlationid": new_id(),
        "data": {
            "account_id": name,
            "org": "123456.sms",
            "username": "admin",
            "email": "admin@123456-sms.example",
            "locale": "de",
            "changed_at": utc_now(),
        },
    }


async def _publish(channel: aio_pika.abc.AbstractChannel, event: Document) -> None:
    message = aio_pika.Message(
        orjson.dumps(event), delivery_mode=aio_pika.DeliveryMode.PERSISTENT, message_id=event["id"]
    )
    await channel.default_exchange.publish(message, QUEUE, mandatory=True, timeout=5)


async def _consume(
    plan: Plan, database: "AsyncIOMotorDatabase[Document]", channel: aio_pika.abc.AbstractChannel
) -> None:
    inbox, effects = database["inbox"], database["effects"]
    await inbox.create_index("at", expireAfterSeconds=86400)
    await effects.insert_one({"_id": "first"})
    tally = Tally(plan)

    async def take(message: AbstractIncomingMessage) -> None:
        event = orjson.loads(message.body)
        async with await database.client.start_session() as session, session.start_transaction():
            await inbox.insert_one({"_id": event["id"], "at": utc_now()}, session=session)
            tally.note(event["data"]["account_id"])
            effect = {"_id": event["subject"], "changed_at": event["data"]["changed_at"]}
            await effects.insert_one(effect, session=session)
        await message.ack()

    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.get_queue(QUEUE)
    tag = await queue.consume(take)
    await tally.complete()
    await asyncio.sleep(0.2)  # the last few are acknowledged
    await queue.cancel(tag)


@asynccontextmanager
async def _database(plan: Plan) -> AsyncIterator["AsyncIOMotorDatabase[Document]"]:
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(plan.mongo_url, maxPoolSize=64)
    try:
        yield client.get_database(
            f"{plan.database_prefix}bare",
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern(w="majority", j=True),
        )
    finally:
        client.close()


@asynccontextmanager
async def _channel(plan: Plan) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    connection = await aio_pika.connect(plan.amqp_url)
    async with connection, connection.channel(on_return_raises=True) as channel:
        await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        yield channel


if __name__ == "__main__":
    uvloop.run(main(Plan.model_validate_json(sys.argv[1])))
