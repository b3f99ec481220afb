"""A listener on the broker that keeps whatever the portal says, and what others make of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq_event
from jsonschema import Draft7Validator

from tests.support.processes import PROJECT

DOCUMENT: Final = PROJECT / "docs/asyncapi.json"
EXCHANGE: Final = "portal.events"


@dataclass(frozen=True)
class Said:
    """A message as it was on the wire."""

    routing_key: str
    message_id: str | None
    content_type: str | None
    body: bytes


@dataclass
class Wiretap:
    heard: list[Said] = field(default_factory=list)

    def flaws(self) -> list[str]:
        """What of the messages is not as the AsyncAPI document says, or no CloudEvent to others."""
        return [f"{said.routing_key}: {flaw}" for said in self.heard for flaw in flaws_of(said)]


@asynccontextmanager
async def tapped(amqp_url: str) -> AsyncIterator[Wiretap]:
    """Everything that is published on the portal's exchange until the context ends."""
    tap = Wiretap()

    async def hear(message: AbstractIncomingMessage) -> None:
        key = message.routing_key or ""
        tap.heard.append(Said(key, message.message_id, message.content_type, message.body))

    async with await aio_pika.connect_robust(amqp_url) as connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(EXCHANGE, "topic", durable=True)
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange, "#")
        await queue.consume(hear, no_ack=True)
        yield tap


def flaws_of(said: Said) -> list[str]:
    message = messages().get(said.routing_key)
    if message is None:
        return ["the document knows no such message"]
    if said.content_type != message["contentType"]:
        return [f"is {said.content_type}"]
    given = json.loads(said.body)
    validator = _validator(said.routing_key)
    found = [f"{flaw.json_path}: {flaw.message}" for flaw in validator.iter_errors(given)]
    return found or _read_otherwise(said, given)


def _read_otherwise(said: Said, given: dict[str, Any]) -> list[str]:
    """What the `cloudevents` package reads in it that we don't."""
    read = from_rabbitmq_event(RabbitMQMessage({}, said.content_type, said.body))
    told = (read.get_id(), read.get_type(), read.get_subject(), read.get_data())
    meant = (said.message_id, said.routing_key, given["subject"], given["data"])
    return [] if told == meant else [f"is another event to others: {told}"]


@cache
def messages() -> dict[str, Any]:
    """The messages of the document, by routing key."""
    document = json.loads(DOCUMENT.read_text())
    kinds = document["components"]["messages"]
    return {
        channel["address"]: kinds[name]
        for channel in document["channels"].values()
        for name in channel["messages"]
    }


@cache
def _validator(routing_key: str) -> Draft7Validator:
    schema = messages()[routing_key]["payload"]
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
