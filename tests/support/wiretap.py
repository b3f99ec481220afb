"""A listener on the broker that keeps whatever is said there, and what others make of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq_event
from jsonschema import Draft7Validator

from shared.topology import declare_topology
from tests.support.processes import PROJECT

DOCUMENT: Final = PROJECT / "docs/asyncapi.json"
OURS: Final = "portal.events"
THEIRS: Final = "reseller-portal.events"
REFUSED: Final = "does_not_fit_its_contract"


@dataclass(frozen=True)
class Said:
    """A message as it was on the wire."""

    exchange: str
    routing_key: str
    message_id: str | None
    content_type: str | None
    body: bytes


@dataclass
class Wiretap:
    heard: list[Said] = field(default_factory=list)

    def flaws(self) -> list[str]:
        """What of the messages is not as the AsyncAPI document says, or no CloudEvent to others.

        What the Reseller Portal says may be wrong, if the portal has told it so.
        """
        refused = self._refused()
        believed = [said for said in self.heard if said.message_id not in refused]
        return [f"{said.routing_key}: {flaw}" for said in believed for flaw in flaws_of(said)]

    def _refused(self) -> set[str]:
        """The ids of the Reseller Portal's messages that were answered as no such message."""
        told = [json.loads(said.body) for said in self.heard if said.exchange == OURS]
        rejected = [one["data"] for one in told if one["type"].endswith(".rejected.v1")]
        return {data["message_id"] for data in rejected if data.get("reason") == REFUSED}


@asynccontextmanager
async def tapped(amqp_url: str) -> AsyncIterator[Wiretap]:
    """Everything that is published by the portal or by the Reseller Portal until the context ends.

    Of theirs, what is documented: what nobody reads must go on finding no queue.
    """
    tap = Wiretap()

    async def hear(message: AbstractIncomingMessage) -> None:
        tap.heard.append(as_said(message))

    async with await aio_pika.connect_robust(amqp_url) as connection:
        channel = await connection.channel()
        assert isinstance(channel, AbstractRobustChannel)
        await declare_topology(channel)
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(OURS, "#")
        for routing_key in messages():
            if _exchange_of(routing_key) == THEIRS:
                await queue.bind(THEIRS, routing_key)
        await queue.consume(hear, no_ack=True)
        yield tap


def as_said(message: AbstractIncomingMessage) -> Said:
    return Said(
        message.exchange or "",
        message.routing_key or "",
        message.message_id,
        message.content_type,
        message.body,
    )


def flaws_of(said: Said) -> list[str]:
    message = messages().get(said.routing_key)
    if message is None:
        return ["the document knows no such message"]
    if said.exchange != (meant := _exchange_of(said.routing_key)):
        return [f"is said on {said.exchange}, not on {meant}"]
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
def channels() -> dict[str, Any]:
    """The channels of the document, by routing key."""
    return {one["address"]: one for one in _document()["channels"].values()}


@cache
def messages() -> dict[str, Any]:
    """The messages of the document, by routing key."""
    kinds = _document()["components"]["messages"]
    return {key: kinds[name] for key, channel in channels().items() for name in channel["messages"]}


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return found


def _exchange_of(routing_key: str) -> str:
    return str(channels()[routing_key]["bindings"]["amqp"]["exchange"]["name"])


@cache
def _validator(routing_key: str) -> Draft7Validator:
    schema = messages()[routing_key]["payload"]
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
