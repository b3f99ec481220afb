"""What both adapters of the bus promise: one suite for both."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.mailer.store.contacts import Contacts
from shared.bus import Bus
from shared.clock import utc_now
from shared.contracts.auth import AccountRecorded, SessionRevoked
from shared.contracts.events import CloudEvent, Service
from shared.contracts.licensing import LicenceCreated, LicenceOrderFulfilled
from shared.contracts.tenancy import ResellerCreated
from shared.dead_letters import DeadLetter, DeadLetters, Selection
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.inbox import Inbox, Received, Subscription, on
from shared.metrics import Metrics
from shared.mongo.database import Mongo
from shared.outbox import Outbox, Transaction
from tests.contract.conftest import Broker

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
QUICK = tuple(timedelta(milliseconds=each) for each in (50, 100, 150))


def an_event(kind: type = ResellerCreated, **data: object) -> CloudEvent:
    return CloudEvent(
        id=new_id(),
        source="/portal/test",
        type=kind.type,  # type: ignore[attr-defined]  # an event class
        subject="100001.rsp",
        time=NOW,
        sequence=1,
        data=data or {"reseller_id": "100001.rsp", "name": "A", "locale": "de"},
    )


class Reader:
    """Remembers what it was given; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.taken: list[CloudEvent] = []
        self.failures = failures

    async def __call__(self, event: CloudEvent) -> None:
        if self.failures:
            self.failures -= 1
            raise UnavailableError
        self.taken.append(event)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                await asyncio.sleep(0.01)


async def test_an_event_reaches_each_of_its_readers_and_nobody_else(broker: Broker) -> None:
    publisher = await broker.open(Service.TENANCY)
    auth, licensing, mailer = Reader(), Reader(), Reader()
    for service, reader in (
        (Service.AUTH, auth),
        (Service.LICENSING, licensing),
        (Service.MAILER, mailer),
    ):
        await (await broker.open(service)).subscribe(service, reader)
    event = an_event(ResellerCreated)

    confirmed = await publisher.publish([event])
    await auth.has(1)
    await licensing.has(1)

    assert confirmed == [event.id]
    assert [one.id for one in auth.taken] == [event.id]
    assert licensing.taken == [event]
    assert mailer.taken == []


async def test_an_event_that_nobody_reads_is_confirmed_and_gone(broker: Broker) -> None:
    publisher = await broker.open(Service.LICENSING)
    event = an_event(LicenceOrderFulfilled)

    assert await publisher.publish([event]) == [event.id]


async def test_what_a_reader_cannot_take_comes_again(broker: Broker) -> None:
    publisher, reader = await broker.open(Service.TENANCY), Reader(failures=1)
    await (await broker.open(Service.LICENSING)).subscribe(Service.LICENSING, reader)
    event = an_event()

    while event.id not in await publisher.publish([event]):
        await asyncio.sleep(0.01)
    await reader.has(1)

    assert reader.taken[0].id == event.id


async def test_every_listener_hears_of_an_event_at_once(broker: Broker) -> None:
    first, second = list[str](), list[str]()
    for heard in (first, second):
        listening = await broker.open(Service.GATEWAY)
        await listening.listen([SessionRevoked.type], lambda event, to=heard: to.append(event.id))  # type: ignore[misc]
        assert listening.heard_seconds_ago() < 2
    publisher = await broker.open(Service.AUTH)
    event = an_event(SessionRevoked)

    assert await publisher.publish([event, an_event()]) is not None
    async with asyncio.timeout(5):
        while not (first and second):
            await asyncio.sleep(0.01)

    assert (first, second) == ([event.id], [event.id])


async def test_two_hundred_events_arrive_all_and_each_once(broker: Broker) -> None:
    publisher, reader = await broker.open(Service.TENANCY), Reader()
    for _ in range(2):
        await (await broker.open(Service.LICENSING)).subscribe(Service.LICENSING, reader)
    events = [an_event() for _ in range(200)]

    confirmed = await publisher.publish(events)
    await reader.has(200)

    assert sorted(confirmed) == sorted(event.id for event in events)
    assert sorted(event.id for event in reader.taken) == sorted(confirmed)


class Consumer:
    """A service's consumer that can be told to fail; its effects are in MongoDB."""

    def __init__(self) -> None:
        self.poison: set[str] = set()
        self.flaky: dict[str, int] = {}

    async def consume(
        self, mongo: Mongo, event: Received[ResellerCreated], tx: Transaction
    ) -> None:
        name = event.body.name
        if name in self.poison:
            raise ValueError(f"cannot take {name}")
        await mongo.collection("effects").insert(
            {"_id": new_id(), "name": name}, session=tx.session
        )
        if self.flaky.get(name, 0):
            self.flaky[name] -= 1
            raise RuntimeError("not this time")


async def a_service(
    broker: Broker, mongo: Mongo, consumer: Consumer, tasks: asyncio.TaskGroup
) -> tuple[Bus, Inbox[Mongo]]:
    bus = await broker.open(Service.LICENSING)
    inbox = an_inbox(
        mongo, bus, [Subscription(ResellerCreated, consumer.consume), on(LicenceCreated, _never)]
    )
    await inbox.prepare()
    tasks.create_task(inbox.retry())
    await inbox.start()
    return bus, inbox


def an_inbox(mongo: Mongo, bus: Bus, lines: Sequence[Subscription[Mongo]]) -> Inbox[Mongo]:
    reader = Service.MAILER if lines[0].event is AccountRecorded else Service.LICENSING
    return Inbox(
        reader,
        mongo,
        lines,
        mongo=mongo,
        outbox=Outbox(mongo, bus, reader, utc_now),
        bus=bus,
        now=utc_now,
        metrics=Metrics("test"),
        ladder=QUICK,
    )


async def _never(_: Mongo, event: Received[LicenceCreated], __: Transaction) -> None:
    raise AssertionError(event)


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


def named(name: str) -> CloudEvent:
    return an_event(reseller_id="100001.rsp", name=name, locale="de")


async def test_a_second_delivery_has_no_second_effect(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    publisher, event = await broker.open(Service.TENANCY), named("once")
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        for _ in range(3):
            assert await publisher.publish([event]) == [event.id]
        await publisher.publish([named("after")])
        await _until(mongo, 2)
        inbox.stop()

    assert await _effects(mongo) == ["after", "once"]


async def test_a_failing_event_is_tried_again_with_growing_delay_and_has_one_effect(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    publisher, consumer.flaky = await broker.open(Service.TENANCY), {"flaky": 2}
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        await publisher.publish([named("flaky")])
        await _until(mongo, 1)
        inbox.stop()

    assert await _effects(mongo) == ["flaky"]
    assert await mongo.collection("retries").count({}) == 0


async def test_a_poison_event_is_parked_with_its_reason_and_stops_no_other(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    publisher, consumer.poison = await broker.open(Service.TENANCY), {"poison"}
    poison = named("poison")
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        await publisher.publish([poison, *(named(f"good {each}") for each in range(20))])
        await _until(mongo, 20)
        [letter] = await _letters(mongo)
        inbox.stop()

    assert await _effects(mongo) == sorted(f"good {each}" for each in range(20))
    assert letter.event == poison
    assert letter.reason == "ValueError: cannot take poison"
    assert letter.attempts == len(QUICK) + 1
    assert await mongo.collection("retries").count({}) == 0


async def test_an_event_that_breaks_its_contract_is_parked_at_once(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    publisher, broken = await broker.open(Service.TENANCY), an_event(reseller_id="100001.rsp")
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        await publisher.publish([broken])
        [letter] = await _letters(mongo)
        inbox.stop()

    assert letter.event == broken
    assert letter.attempts == 1
    assert "name" in letter.reason


@pytest.mark.rabbitmq
async def test_a_message_that_is_no_event_is_set_aside_and_stops_no_other(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    publisher = await broker.open(Service.TENANCY)
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        if broker.inject is not None:
            await broker.inject(Service.LICENSING, b"\xff\x00 no event")
        await publisher.publish([named("good")])
        await _until(mongo, 1)
        letters = [] if broker.inject is None else await _letters(mongo)
        inbox.stop()

    assert await _effects(mongo) == ["good"]
    for letter in letters:
        assert (letter.event, letter.text) == (None, "\ufffd\x00 no event")
        assert "not a CloudEvent" in letter.reason


@pytest.mark.rabbitmq
async def test_what_the_broker_has_put_aside_joins_the_letters(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    event = named("died of it")
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        if broker.inject is not None:
            for _ in range(2):
                await broker.inject("licensing.dead", event.to_json())
        letters = [] if broker.inject is None else await _letters(mongo)
        inbox.stop()

    assert [letter.event for letter in letters] == ([event] if broker.inject else [])


async def _until(mongo: Mongo, effects: int) -> None:
    async with asyncio.timeout(15):
        while await mongo.collection("effects").count({}) < effects:
            await asyncio.sleep(0.02)


async def _effects(mongo: Mongo) -> list[str]:
    return sorted(row["name"] for row in await mongo.collection("effects").find({}))


async def _letters(mongo: Mongo, count: int = 1) -> list[DeadLetter]:
    letters = DeadLetters(mongo)
    async with asyncio.timeout(15):
        while len(found := await letters.newest(Selection(), 100, None)) < count:
            await asyncio.sleep(0.05)
    return found


async def test_a_thousand_events_shuffled_and_repeated_end_in_the_newest_state_of_each(
    broker: Broker, mongo: Mongo
) -> None:
    publisher, bus = await broker.open(Service.AUTH), await broker.open(Service.MAILER)
    contacts, dice = Contacts(mongo), secrets.SystemRandom()
    events = [recorded(account, version) for account in range(100) for version in range(1, 11)]
    sent = events + dice.sample(events, 200)
    dice.shuffle(sent)

    async def note(_: Mongo, event: Received[AccountRecorded], tx: Transaction) -> None:
        await contacts.note(event.body, event.sequence, tx)

    inbox = an_inbox(mongo, bus, [on(AccountRecorded, note)])
    await inbox.prepare()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(inbox.retry())
        await inbox.start()
        waiting = sent
        while waiting:
            now, waiting = waiting[:50], waiting[50:]
            confirmed = await publisher.publish(now)
            waiting += [event for event in now if event.id not in confirmed]
        async with asyncio.timeout(60):
            while await mongo.collection("inbox").count({}) < len(events):
                await asyncio.sleep(0.05)
        inbox.stop()

    rows = await mongo.collection("contacts").find({})
    assert {row["_id"]: row["email"] for row in rows} == {
        f"a-{account}": f"v10@{account}.example" for account in range(100)
    }
    assert await mongo.collection("inbox").count({}) == 1000
    assert await mongo.collection("retries").count({}) == 0
    assert await DeadLetters(mongo).count(Selection()) == 0


def recorded(account: int, version: int) -> CloudEvent:
    body = AccountRecorded(
        account_id=f"a-{account}",
        org="123456.sms",
        username="ada",
        email=f"v{version}@{account}.example",
        locale="de",
        display_name="Ada",
        roles=[],
        status="active",
        has_second_factor=False,
    )
    event = an_event(AccountRecorded, **body.model_dump(mode="json", exclude_none=True))
    return event.model_copy(update={"sequence": version, "subject": body.subject})


async def test_what_comes_again_before_its_next_try_is_not_tried_once_more(
    broker: Broker, mongo: Mongo, consumer: Consumer
) -> None:
    publisher, event = await broker.open(Service.TENANCY), named("flaky")
    consumer.flaky = {"flaky": 1}
    async with asyncio.TaskGroup() as tasks:
        _, inbox = await a_service(broker, mongo, consumer, tasks)

        await publisher.publish([event])
        async with asyncio.timeout(10):
            while not await mongo.collection("retries").count({}):
                await asyncio.sleep(0.005)
        await publisher.publish([event])
        await _until(mongo, 1)
        async with asyncio.timeout(10):
            while await mongo.collection("retries").count({}):
                await asyncio.sleep(0.02)
        inbox.stop()

    assert await _effects(mongo) == ["flaky"]
