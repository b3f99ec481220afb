"""What RabbitMQ holds for the portal, all of it worked out from the event contracts.

One durable topic exchange; one quorum queue per reader, bound to the event types that name it as
their reader; one `<reader>.dead` beside it. Every service declares all of it at its start, so that
no event is lost to a reader that has not started yet, whatever the order of starts.
"""

from typing import Final

from aio_pika import ExchangeType
from aio_pika.abc import AbstractExchange, AbstractRobustChannel

from shared.bus import queues_for
from shared.contracts.events import CATALOGUE, Outlet, Service
from shared.inbound import INBOUND_EXCHANGE, origin_of

EXCHANGE: Final = "portal.events"
DEAD_EXCHANGE: Final = "portal.dead"
DELIVERY_LIMIT: Final = 100
_ENDLESS: Final = 1_000_000
_UNKNOWN_EXCHANGE: Final = "reseller-portal.unknown"
_UNFETCHED_MS: Final = 14 * 86_400_000
"""How long an outlet keeps what nobody fetches; whoever was away for longer asks for all anew."""


async def declare_topology(
    channel: AbstractRobustChannel,
) -> tuple[AbstractExchange, AbstractExchange]:
    """Declare all that the contracts call for; returns the exchanges of events and of the dead."""
    exchange = await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)
    dead = await channel.declare_exchange(DEAD_EXCHANGE, ExchangeType.DIRECT, durable=True)
    await _declare_inbound(channel)
    readers = sorted({reader for kind in CATALOGUE for reader in queues_for(kind)})
    for reader in readers:
        parked = await channel.declare_queue(
            f"{reader}.dead",
            durable=True,
            # Who looks at dead letters returns them; RabbitMQ 4 would drop one after 20 looks.
            arguments={"x-queue-type": "quorum", "x-delivery-limit": _ENDLESS},
        )
        await parked.bind(dead, reader)
        queue = await channel.declare_queue(
            reader,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": DEAD_EXCHANGE,
                "x-dead-letter-routing-key": str(reader),
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            },
        )
        for kind in sorted(CATALOGUE):
            if reader in queues_for(kind):
                await queue.bind(INBOUND_EXCHANGE if origin_of(kind) else exchange, kind)
    await _declare_outlets(channel, exchange)
    return exchange, dead


async def _declare_inbound(channel: AbstractRobustChannel) -> None:
    """The Reseller Portal's own exchange. What nobody there reads, tenancy gets and refuses."""
    unknown = await channel.declare_exchange(_UNKNOWN_EXCHANGE, ExchangeType.FANOUT, durable=True)
    await channel.declare_exchange(
        INBOUND_EXCHANGE,
        ExchangeType.TOPIC,
        durable=True,
        arguments={"alternate-exchange": unknown.name},
    )


async def _declare_outlets(channel: AbstractRobustChannel, exchange: AbstractExchange) -> None:
    """The queues that are read outside; what nobody has fetched for too long is dropped."""
    tenancy = await channel.get_queue(Service.TENANCY, ensure=False)
    await tenancy.bind(_UNKNOWN_EXCHANGE)
    for outlet in Outlet:
        queue = await channel.declare_queue(
            outlet,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": _ENDLESS,
                "x-message-ttl": _UNFETCHED_MS,
            },
        )
        for kind in sorted(CATALOGUE):
            if outlet in CATALOGUE[kind].outlets:
                await queue.bind(exchange, kind)
