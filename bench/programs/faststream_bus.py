"""The yardstick of the bus: the same messages by FastStream, as its documentation does it."""

import sys

import uvloop
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

from bench.programs.bus_plan import BusPlan, Run
from bench.programs.portal_bus import an_event
from shared.contracts.events import CloudEvent
from shared.rabbitmq import PREFETCH


async def main(plan: BusPlan) -> None:
    broker = RabbitBroker(plan.amqp_url, default_channel=Channel(prefetch_count=PREFETCH))
    queue = RabbitQueue("bench.faststream", durable=True, queue_type=QueueType.QUORUM)
    run = Run(plan)

    @broker.subscriber(queue, ack_policy=AckPolicy.ACK)
    async def handle(event: CloudEvent) -> None:
        run.note(event.subject)

    async def publish(name: str) -> None:
        await broker.publish(an_event(name), queue=queue, persist=True, mandatory=True, timeout=5)

    async with broker:
        await broker.start()
        await run.carry_out(publish)


if __name__ == "__main__":
    uvloop.run(main(BusPlan.model_validate_json(sys.argv[1])))
