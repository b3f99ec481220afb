"""Between the book and RabbitMQ: messages out with the broker's confirmation, events in."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from examples.reseller_portal.book import Book

EXCHANGE = "reseller-portal.events"
QUEUES = ("sync.reseller-portal", "sync.rejected")
TYPE = "application/cloudevents+json"


@asynccontextmanager
async def connected(url: str, book: Book) -> AsyncIterator[None]:
    """Send what is unsent and take in what comes, until the context ends."""
    connection = await aio_pika.connect_robust(url, reconnect_interval=1)
    async with connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=50)
        exchange = await channel.get_exchange(EXCHANGE)
        for name in QUEUES:
            queue = await channel.get_queue(name)
            await queue.consume(_hearing(book))
        sending = asyncio.create_task(_send(book, exchange))
        try:
            yield
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


def _hearing(book: Book) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
    async def hear(message: AbstractIncomingMessage) -> None:
        book.hear(json.loads(message.body))
        await message.ack()

    return hear


async def _send(book: Book, exchange: aio_pika.abc.AbstractExchange) -> None:
    """In the order of the changes; what is not confirmed is sent again under the same id."""
    while True:
        while book.unsent:
            told = book.unsent[0]
            message = aio_pika.Message(
                json.dumps(told).encode(),
                content_type=TYPE,
                message_id=told["id"],
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            try:
                await exchange.publish(message, told["type"], timeout=5)
            except (aio_pika.exceptions.AMQPError, OSError, RuntimeError, TimeoutError):
                await asyncio.sleep(0.5)
                continue
            book.unsent.remove(told)
        await asyncio.sleep(0.05)
