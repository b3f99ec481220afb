"""The private RabbitMQ node of the tests survives what tests do to it."""

import asyncio

import aio_pika
import pytest

from portal.ports import is_free
from tests.support.rabbitmq import SETTLE_SECONDS, RabbitNode


async def _publish(url: str, text: str) -> None:
    async with await aio_pika.connect(url, timeout=10) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(text.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, "kept", timeout=10)


async def _take(url: str) -> str:
    async with await aio_pika.connect(url, timeout=10) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(
            "kept", durable=True, arguments={"x-queue-type": "quorum"}
        )
        async with queue.iterator(timeout=20) as messages:
            message = await anext(messages)
            await message.ack()
            return message.body.decode()


async def test_a_message_outlives_a_crash_of_the_node(rabbitmq: RabbitNode) -> None:
    url = rabbitmq.add_vhost("crash")
    await _publish(url, "a")
    old = rabbitmq.pid
    await asyncio.sleep(SETTLE_SECONDS)

    await rabbitmq.kill()
    await rabbitmq.start()

    assert await _take(url) == "a"
    assert rabbitmq.pid != old


async def test_a_message_outlives_a_stop_of_the_node(rabbitmq: RabbitNode) -> None:
    url = rabbitmq.add_vhost("stop")
    await _publish(url, "b")

    await rabbitmq.stop()
    with pytest.raises(OSError, match="Connect"):
        await aio_pika.connect(url, timeout=2)
    await rabbitmq.start()

    assert await _take(url) == "b"


async def test_virtual_hosts_are_brokers_of_their_own(rabbitmq: RabbitNode) -> None:
    one, other = rabbitmq.add_vhost("one"), rabbitmq.add_vhost("other")

    await _publish(one, "in one")
    await _publish(other, "in other")

    assert await _take(one) == "in one"
    assert await _take(other) == "in other"


async def test_the_broker_that_tests_are_given_accepts_messages(amqp_url: str) -> None:
    await _publish(amqp_url, "c")

    assert await _take(amqp_url) == "c"


def test_the_node_keeps_to_loopback(rabbitmq: RabbitNode) -> None:
    listeners = rabbitmq.control("status", "--formatter", "json")

    assert '"interface":"127.0.0.1"' in listeners.replace(" ", "")
    for port in (rabbitmq._dist_port, rabbitmq._epmd_port):
        assert not is_free(port)
        assert is_free(port, "127.0.0.2")
