"""What RabbitMQ refuses or cuts off is not taken for safe, and goes out later under one id."""

import asyncio
from typing import Final

import aio_pika
import pytest

from shared.clock import utc_now
from shared.contracts.auth import PasswordResetRequested
from shared.contracts.events import CloudEvent, Service
from shared.ids import new_id
from shared.rabbitmq import RabbitBus
from shared.topology import EXCHANGE
from tests.support.rabbitmq import RabbitNode

pytestmark = pytest.mark.rabbitmq
FULL: Final = 2


def an_event() -> CloudEvent:
    return CloudEvent(
        id=new_id(),
        source="/portal/test",
        type=PasswordResetRequested.type,
        subject="a-1",
        time=utc_now(),
        sequence=1,
        data={},
    )


async def test_what_a_full_queue_refuses_is_not_confirmed_and_arrives_when_there_is_room(
    rabbitmq: RabbitNode,
) -> None:
    url, taken = rabbitmq.add_vhost(f"refused-{new_id()[:8]}"), list[str]()
    bus = RabbitBus(url, Service.MAILER)
    await bus.open()
    async with await aio_pika.connect(url) as plain:
        channel = await plain.channel()
        await (await channel.get_queue("mailer")).delete(if_unused=False, if_empty=False)
        small = await channel.declare_queue(
            "mailer", durable=True, arguments={"x-max-length": FULL, "x-overflow": "reject-publish"}
        )
        await small.bind(EXCHANGE, PasswordResetRequested.type)
        events = [an_event() for _ in range(6)]

        confirmed = await bus.publish(events)
        refused = [event for event in events if event.id not in confirmed]
        async with asyncio.timeout(30):
            while refused:
                while message := await small.get(fail=False, no_ack=True):
                    taken.append(str(message.message_id))
                again = await bus.publish(refused)
                refused = [event for event in refused if event.id not in again]
        while message := await small.get(fail=False, no_ack=True):
            taken.append(str(message.message_id))
    await bus.close()

    assert len(confirmed) < len(events)
    assert sorted(taken) == sorted(event.id for event in events)


async def test_connections_that_are_cut_again_and_again_lose_nothing(rabbitmq: RabbitNode) -> None:
    vhost, taken = f"cut-{new_id()[:8]}", set[str]()
    url = rabbitmq.add_vhost(vhost)
    publishing, consuming = RabbitBus(url, Service.AUTH), RabbitBus(url, Service.MAILER)
    await publishing.open()
    await consuming.open()

    async def take(event: CloudEvent) -> None:
        taken.add(event.id)

    await consuming.subscribe(Service.MAILER, take)
    events = [an_event() for _ in range(200)]
    cut = ("close_all_connections", "--vhost", vhost, "a test")
    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        cuts = [group.create_task(asyncio.to_thread(rabbitmq.control, *cut)) for _ in range(2)]
        waiting = events
        while waiting:
            now, waiting = waiting[:10], waiting[10:]
            confirmed = await publishing.publish(now)
            waiting += [event for event in now if event.id not in confirmed]
            await asyncio.sleep(0.1)
        for each in cuts:
            await each
        while len(taken) < len(events):
            await asyncio.sleep(0.05)
    await consuming.stop_consuming()
    await consuming.close()
    await publishing.close()

    assert taken == {event.id for event in events}
