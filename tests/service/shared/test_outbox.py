"""State and its events: together or not at all, and each event out, whatever happens between."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from shared.bus import Hub, InProcessBus
from shared.context import Cause, begin
from shared.contracts.events import CloudEvent, Service
from shared.contracts.tenancy import ResellerCreated
from shared.mongo.collection import Document
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Outbox, Transaction
from shared.unsent import LEASE
from tests.support.service import FixedClock


class Bus(InProcessBus):
    """Takes everything, or nothing while it is away, and remembers what it was handed."""

    def __init__(self) -> None:
        super().__init__(Hub())
        self.taken: list[CloudEvent] = []
        self.is_away = False

    @override
    async def publish(self, events: Sequence[CloudEvent]) -> list[str]:
        await asyncio.sleep(0)
        if self.is_away:
            return []
        self.taken += events
        return [event.id for event in events]

    @property
    def ids(self) -> list[str]:
        return [event.subject for event in self.taken]


def an_outbox(mongo: Mongo, bus: Bus, clock: FixedClock) -> Outbox:
    return Outbox(mongo, bus, Service.TENANCY, clock)


def about(name: str) -> ResellerCreated:
    return ResellerCreated(reseller_id=name, name="A", locale="de")


async def change(outbox: Outbox, mongo: Mongo, *names: str) -> None:
    """State and an event for each name, in one act."""

    async def act(transaction: Transaction) -> None:
        for name in names:
            row = {"_id": name}
            await mongo.collection("things").insert(row, session=transaction.session)
            transaction.publish(about(name))

    await outbox.transact(act)


@asynccontextmanager
async def relaying(*outboxes: Outbox) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(outbox.relay()) for outbox in outboxes]
    try:
        yield
    finally:
        for outbox in outboxes:
            outbox.stop()
        await asyncio.wait(tasks, timeout=5)
        for task in tasks:
            task.result()


async def until_empty(mongo: Mongo, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while await mongo.collection("outbox").count({}):
            await asyncio.sleep(0.02)


async def test_an_event_goes_out_at_once_after_the_commit_and_leaves_no_row(mongo: Mongo) -> None:
    bus = Bus()
    outbox = an_outbox(mongo, bus, FixedClock())
    begin(Cause("request-1", actor="account-1"))

    async with relaying(outbox):
        await change(outbox, mongo, "r-1")
        await until_empty(mongo, 0.5)

    assert bus.ids == ["r-1"]
    assert (bus.taken[0].correlationid, bus.taken[0].actor) == ("request-1", "account-1")


async def test_an_act_that_fails_keeps_neither_state_nor_events(mongo: Mongo) -> None:
    bus = Bus()
    outbox = an_outbox(mongo, bus, FixedClock())

    async def act(transaction: Transaction) -> None:
        await mongo.collection("things").insert({"_id": "r-1"}, session=transaction.session)
        transaction.publish(about("r-1"))
        raise ValueError("a rule says no")

    async with relaying(outbox):
        with pytest.raises(ValueError, match="a rule says no"):
            await outbox.transact(act)
        await asyncio.sleep(0.1)

    assert bus.taken == []
    assert await mongo.collection("things").count({}) == 0
    assert await mongo.collection("outbox").count({}) == 0


async def test_an_act_that_finds_a_taken_value_publishes_nothing(mongo: Mongo) -> None:
    bus = Bus()
    outbox = an_outbox(mongo, bus, FixedClock())
    async with relaying(outbox):
        await change(outbox, mongo, "r-1")

        with pytest.raises(DuplicateKeyError):
            await change(outbox, mongo, "r-2", "r-1")
        await until_empty(mongo)

    assert bus.ids == ["r-1"]
    assert await mongo.collection("things").count({}) == 1


async def test_an_act_that_is_run_again_after_a_collision_publishes_once(mongo: Mongo) -> None:
    bus, runs = Bus(), []
    outbox = an_outbox(mongo, bus, FixedClock())
    await mongo.collection("things").insert({"_id": "counter", "count": 0})

    async def act(transaction: Transaction) -> None:
        runs.append(1)
        session, things = transaction.session, mongo.collection("things")
        row = await things.find_one({"_id": "counter"}, session)
        assert row is not None
        await asyncio.sleep(0.02)
        more = {"$set": {"count": row["count"] + 1}}
        await things.update({"_id": "counter"}, more, session=session)
        transaction.publish(about(f"r-{row['count']}"))

    async with relaying(outbox):
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(outbox.transact(act))
        await until_empty(mongo)

    assert len(runs) > 4
    assert sorted(bus.ids) == ["r-0", "r-1", "r-2", "r-3"]


async def test_what_the_bus_did_not_confirm_goes_out_later_under_the_same_id(mongo: Mongo) -> None:
    bus, clock = Bus(), FixedClock()
    outbox, bus.is_away = an_outbox(mongo, bus, clock), True
    async with relaying(outbox):
        await change(outbox, mongo, *(f"r-{number}" for number in range(50)))
        await asyncio.sleep(0.2)
        waiting = {row["_id"] for row in await mongo.collection("outbox").find({})}

        bus.is_away = False
        clock.advance(timedelta(seconds=2))
        await until_empty(mongo)

    assert len(waiting) == 50
    assert {event.id for event in bus.taken} == waiting
    assert len(bus.taken) == 50


async def test_rows_of_a_crashed_process_are_taken_over_when_their_lease_has_run_out(
    mongo: Mongo,
) -> None:
    bus, clock = Bus(), FixedClock()
    crashed, heir = an_outbox(mongo, bus, clock), an_outbox(mongo, bus, clock)
    await change(crashed, mongo, "r-1", "r-2")  # nobody relays: the process is gone

    async with relaying(heir):
        clock.advance(LEASE - timedelta(seconds=1))
        await asyncio.sleep(1.2)
        before = bus.ids
        clock.advance(timedelta(seconds=2))
        await until_empty(mongo)

    assert before == []
    assert sorted(bus.ids) == ["r-1", "r-2"]


async def test_relays_side_by_side_publish_each_row_once(mongo: Mongo) -> None:
    bus, clock = Bus(), FixedClock()
    crashed = an_outbox(mongo, bus, clock)
    for number in range(10):
        await change(crashed, mongo, *(f"r-{number}-{each}" for each in range(60)))
    relays = [an_outbox(mongo, bus, clock) for _ in range(3)]
    clock.advance(LEASE + timedelta(seconds=1))

    async with relaying(*relays):
        for number, outbox in enumerate(relays):
            await change(outbox, mongo, f"fresh-{number}")
        await until_empty(mongo, 10)

    assert len(bus.ids) == 603
    assert len(set(bus.ids)) == 603


async def test_a_stop_publishes_what_was_just_committed(mongo: Mongo) -> None:
    bus = Bus()
    outbox = an_outbox(mongo, bus, FixedClock())
    await change(outbox, mongo, "r-1")
    outbox.stop()

    async with asyncio.timeout(2):
        await outbox.relay()

    assert bus.ids == ["r-1"]


async def test_a_stop_does_not_wait_for_a_bus_that_is_away(mongo: Mongo) -> None:
    bus = Bus()
    outbox, bus.is_away = an_outbox(mongo, bus, FixedClock()), True
    await change(outbox, mongo, "r-1")
    outbox.stop()

    async with asyncio.timeout(2):
        await outbox.relay()

    assert await mongo.collection("outbox").count({}) == 1


async def test_the_age_of_the_oldest_row_is_told(mongo: Mongo) -> None:
    clock = FixedClock()
    outbox = an_outbox(mongo, Bus(), clock)
    nothing: Any = await outbox.oldest_seconds()
    await change(outbox, mongo, "r-1")

    clock.advance(timedelta(seconds=7))

    assert (nothing, await outbox.oldest_seconds()) == (0.0, 7.0)


async def carried(mongo: Mongo) -> list[Document]:
    """Documents whose event still waits."""
    return await mongo.collection("things").find({"unsent": {"$exists": True}})


async def until_none_is_carried(mongo: Mongo) -> None:
    async with asyncio.timeout(5):
        while await carried(mongo):
            await asyncio.sleep(0.02)


async def test_a_document_that_carries_its_event_is_written_once_and_rid_of_it_soon(
    mongo: Mongo,
) -> None:
    bus = Bus()
    outbox = an_outbox(mongo, bus, FixedClock())
    things = outbox.carrier("things")
    await outbox.prepare()
    begin(Cause("request-1", actor="account-1"))

    async with relaying(outbox):
        await things.insert({"_id": "r-1", "name": "A"}, about("r-1"))
        await until_none_is_carried(mongo)

    assert await mongo.collection("things").find({}) == [{"_id": "r-1", "name": "A"}]
    assert bus.ids == ["r-1"]
    assert (bus.taken[0].correlationid, bus.taken[0].actor) == ("request-1", "account-1")


async def test_a_document_that_is_there_already_tells_nothing(mongo: Mongo) -> None:
    bus = Bus()
    outbox = an_outbox(mongo, bus, FixedClock())
    things = outbox.carrier("things")
    async with relaying(outbox):
        await things.insert({"_id": "r-1"}, about("r-1"))

        with pytest.raises(DuplicateKeyError):
            await things.insert({"_id": "r-1"}, about("r-1"))
        await until_none_is_carried(mongo)

    assert bus.ids == ["r-1"]


async def test_events_on_documents_of_a_crashed_process_are_taken_over_by_one_of_the_others(
    mongo: Mongo,
) -> None:
    bus, clock = Bus(), FixedClock()
    crashed, *heirs = (an_outbox(mongo, bus, clock) for _ in range(4))
    things = crashed.carrier("things")
    for heir in heirs:
        heir.carrier("things")
    for number in range(300):
        await things.insert({"_id": f"r-{number}"}, about(f"r-{number}"))
    clock.advance(timedelta(seconds=7))
    age = await crashed.oldest_seconds()

    async with relaying(*heirs):
        before = list(bus.taken)
        clock.advance(LEASE)
        await until_none_is_carried(mongo)

    assert (age, before) == (7.0, [])
    assert sorted(bus.ids) == sorted(f"r-{number}" for number in range(300))


async def test_an_event_on_a_document_that_the_bus_did_not_take_goes_out_later(
    mongo: Mongo,
) -> None:
    bus, clock = Bus(), FixedClock()
    outbox, bus.is_away = an_outbox(mongo, bus, clock), True
    things = outbox.carrier("things")
    async with relaying(outbox):
        await things.insert({"_id": "r-1"}, about("r-1"))
        await asyncio.sleep(0.2)
        waiting = await carried(mongo)

        bus.is_away = False
        clock.advance(timedelta(seconds=2))
        await until_none_is_carried(mongo)

    [told] = bus.taken
    assert json.loads(waiting[0]["unsent"]["event"])["id"] == told.id


async def test_an_act_that_is_cancelled_at_any_moment_blocks_nobody(mongo: Mongo) -> None:
    outbox, outcomes = an_outbox(mongo, Bus(), FixedClock()), list[BaseException | None]()

    for number in range(60):
        act = asyncio.create_task(change(outbox, mongo, f"r-{number}"))
        await asyncio.sleep(number / 6000)
        act.cancel()
        await asyncio.wait([act])
        outcomes.append(None if act.cancelled() else act.exception())

    things = {row["_id"] for row in await mongo.collection("things").find({})}
    events = await mongo.collection("outbox").find({})
    assert [one for one in outcomes if one] == []
    assert len(things) == len(events)
