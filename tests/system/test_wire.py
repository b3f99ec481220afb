"""What the portal says on its broker is what its AsyncAPI document says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from examples.reseller_portal.book import Book
from shared.contracts.auth import AccountRecorded
from shared.contracts.events import Outlet
from shared.contracts.licensing import LicenceCreated
from shared.ids import new_id
from tests.support.deployments import Fleet
from tests.support.wiretap import THEIRS, Said, Wiretap, as_said, channels, flaws_of

pytestmark = [pytest.mark.rabbitmq, pytest.mark.asyncio(loop_scope="session")]
SEEDED: Final = {AccountRecorded.type, LicenceCreated.type}


async def test_the_messages_of_the_demo_world_are_as_documented(
    many_processes: Fleet, wiretap: Wiretap
) -> None:
    assert many_processes.processes

    async with asyncio.timeout(30):
        while not {said.routing_key for said in wiretap.heard} >= SEEDED:
            await asyncio.sleep(0.1)

    assert wiretap.flaws() == []


@asynccontextmanager
async def looked_at(url: str) -> AsyncIterator[dict[Outlet, list[Said]]]:
    """What waits in the outlets; it goes back to where it was."""
    seen: dict[Outlet, list[Said]] = {outlet: [] for outlet in Outlet}
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for outlet in Outlet:

            async def see(message: AbstractIncomingMessage, outlet: Outlet = outlet) -> None:
                seen[outlet].append(as_said(message))

            await (await channel.get_queue(outlet)).consume(see)
        yield seen


async def send(url: str, told: list[dict[str, Any]]) -> None:
    """Send messages as the Reseller Portal does."""
    async with await aio_pika.connect(url) as connection:
        exchange = await (await connection.channel()).get_exchange(THEIRS)
        for one in told:
            message = aio_pika.Message(
                json.dumps(one).encode(),
                content_type="application/cloudevents+json",
                message_id=one["id"],
            )
            await exchange.publish(message, one["type"])


async def test_what_is_heard_from_and_waits_for_the_reseller_portal_is_as_documented(
    many_processes: Fleet, wiretap: Wiretap
) -> None:
    url, book = many_processes.environment["AMQP_URL"], Book()
    company, nobody = "2000009.rsp", f"sub-{new_id()}"
    book.put_company(company, "Nine")
    book.put_customer(company, "20009000.sms", "Customer")
    book.put_person(company, nobody, ["reseller-admin"])  # without a name or an address
    book.compare(company)

    await send(url, book.unsent)
    async with looked_at(url) as seen, asyncio.timeout(30):
        while company not in text_of(seen[Outlet.RESELLER_PORTAL]):
            await asyncio.sleep(0.1)
        while nobody not in text_of(seen[Outlet.REJECTED]):
            await asyncio.sleep(0.1)

    heard = {said.message_id for said in wiretap.heard if said.exchange == THEIRS}
    assert heard >= {one["id"] for one in book.unsent}
    assert wiretap.flaws() == []
    for outlet, waiting in seen.items():
        assert [flaw for said in waiting for flaw in flaws_of(said)] == []
        assert {outlet in channels()[said.routing_key]["x-outlets"] for said in waiting} == {True}


def text_of(some: list[Said]) -> str:
    return " ".join(said.body.decode() for said in some)
