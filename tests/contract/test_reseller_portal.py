"""What RabbitMQ does with the Reseller Portal's messages, and with what is meant for it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aio_pika
import pytest

from shared.contracts.events import CloudEvent, Outlet, Service
from shared.contracts.reseller_portal import CompanyUpserted, UnknownSent, UserUpserted
from shared.contracts.tenancy import TenancyMessageRejected, TenantDeleted
from shared.ids import new_id
from shared.inbound import INBOUND_EXCHANGE
from shared.rabbitmq import RabbitBus
from tests.contract.test_bus import NOW, Reader
from tests.support.rabbitmq import RabbitNode
from tests.support.sync import a_message

pytestmark = pytest.mark.rabbitmq
_numbers = itertools.count()


@dataclass
class Wire:
    """Tenancy and auth on a broker, and a program beside them."""

    bus: RabbitBus
    tenancy: Reader
    auth: Reader
    channel: aio_pika.abc.AbstractChannel

    async def send(self, routing_key: str, body: bytes) -> None:
        exchange = await self.channel.get_exchange(INBOUND_EXCHANGE)
        await exchange.publish(aio_pika.Message(body), routing_key, mandatory=True)

    async def fetch(self, queue: str) -> aio_pika.abc.AbstractIncomingMessage:
        found = await self.channel.get_queue(queue)
        async with asyncio.timeout(5):
            while (message := await found.get(fail=False, no_ack=True)) is None:
                await asyncio.sleep(0.02)
        return message


@pytest.fixture
async def wire(rabbitmq: RabbitNode) -> AsyncIterator[Wire]:
    url = rabbitmq.add_vhost(f"reseller-portal-{next(_numbers)}")
    bus, other, tenancy, auth = RabbitBus(url, "a"), RabbitBus(url, "b"), Reader(), Reader()
    await bus.open()
    await other.open()
    await bus.subscribe(Service.TENANCY, tenancy)
    await other.subscribe(Service.AUTH, auth)
    async with await aio_pika.connect(url) as plain:
        yield Wire(bus, tenancy, auth, await plain.channel(on_return_raises=True))
    for each in (bus, other):
        await each.stop_consuming()
        await each.close()


async def test_a_message_reaches_the_service_that_owns_what_it_is_about(wire: Wire) -> None:
    await wire.send(CompanyUpserted.type, a_message("company.upserted", {"reseller_id": "x"}))
    await wire.send(UserUpserted.type, a_message("user.upserted", {"user_id": "y"}))
    await wire.tenancy.has(1)
    await wire.auth.has(1)

    assert [one.type for one in wire.tenancy.taken] == [CompanyUpserted.type]
    assert [one.type for one in wire.auth.taken] == [UserUpserted.type]


async def test_no_message_passes_for_an_event_of_ours(wire: Wire) -> None:
    forged = a_message("user.upserted", {"tenant_id": "123456.sms"}, type=TenantDeleted.type)

    await wire.send(UserUpserted.type, forged)
    await wire.send(TenantDeleted.type, forged)
    await wire.send("reseller-portal.invoice.sent.v1", b"\x00")
    await wire.auth.has(1)
    await wire.tenancy.has(2)

    assert [one.type for one in wire.auth.taken] == [UserUpserted.type]
    assert {one.type for one in wire.tenancy.taken} == {UnknownSent.type}
    assert {*wire.auth.taken[0].data} == {"unreadable"}
    assert sorted([*one.data][-1] for one in wire.tenancy.taken) == ["unknown", "unreadable"]


async def test_what_is_rejected_waits_with_its_reason_in_a_queue_of_its_own(wire: Wire) -> None:
    told = TenancyMessageRejected(
        message_id="m-1",
        message_type=CompanyUpserted.type,
        record="1000001.rsp",
        reason="not_yours",
        detail="No.",
        message={"id": "m-1"},
    )
    event = CloudEvent(
        id=new_id(),
        source="/portal/tenancy",
        type=told.type,
        subject=told.subject,
        time=NOW,
        sequence=1,
        data=told.model_dump(mode="json", exclude_none=True),
    )

    assert await wire.bus.publish([event]) == [event.id]
    found = json.loads((await wire.fetch(Outlet.REJECTED)).body)

    assert (found["data"]["reason"], found["data"]["message"]) == ("not_yours", {"id": "m-1"})
