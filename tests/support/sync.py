"""The Reseller Portal's side of the bus, for tests of one service."""

import asyncio
import json
from typing import Any, Final

from shared.bus import queues_for
from shared.contracts.events import CATALOGUE
from shared.contracts.reseller_portal import UnknownSent
from shared.ids import new_id
from shared.inbound import read_inbound
from tests.support.service import NOON, Client

NORTH: Final = "1000001.rsp"
SOUTH: Final = "1000002.rsp"
"""Two companies of the Reseller Portal."""


def a_message(
    kind: str,
    data: dict[str, Any],
    *,
    sequence: int = 1,
    message_id: str | None = None,
    **more: Any,
) -> bytes:
    """A message as the Reseller Portal sends it; `more` is what its envelope claims besides."""
    told = {
        "specversion": "1.0",
        "id": message_id or new_id(),
        "source": "https://rsp.example",
        "type": f"reseller-portal.{kind}.v1",
        "subject": "a-record",
        "time": NOON.isoformat(),
        "sequence": sequence,
        "data": data,
        **more,
    }
    return json.dumps(told).encode()


async def send(
    client: Client, kind: str, data: dict[str, Any], *, times: int = 1, **envelope: Any
) -> None:
    """Hand the service a message, this often."""
    body = a_message(kind, data, **envelope)
    for _ in range(times):
        await send_raw(client, f"reseller-portal.{kind}.v1", body)


async def send_raw(client: Client, routing_key: str, body: bytes) -> None:
    event = read_inbound(body, routing_key)
    is_known = routing_key in CATALOGUE and routing_key != UnknownSent.type
    assert client.service in queues_for(event.type) or not is_known

    async def hand_over() -> None:
        await client.hub.readers[client.service](event)

    async with asyncio.TaskGroup() as group:  # a task, so that its context stays its own
        group.create_task(hand_over())


async def reasons(client: Client, kind: Any) -> list[str]:
    """Why messages were rejected, in their order; `kind` is the service's rejection."""
    return [told.reason for told in await client.heard(kind)]


async def outcomes(client: Client, kind: Any) -> list[str]:
    return [told.outcome for told in await client.heard(kind)]
