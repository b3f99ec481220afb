"""Requests under an Idempotency-Key: the effect, the record and the answer are one."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import pytest_asyncio

from shared.bus import Hub, InProcessBus
from shared.contracts.events import Service
from shared.contracts.tenancy import ResellerCreated
from shared.errors import UnavailableError
from shared.idempotency import (
    IdempotencyKeyReusedError,
    Keyed,
    Mark,
    RequestRunningError,
    ShownOnceError,
    mark_of,
)
from shared.kept_answers import LIFE, KeptAnswers, Rendered
from shared.mongo.collection import Document
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Outbox, Transaction
from tests.support.service import FixedClock

MARK = mark_of("k-1", caller="a-1", place="vendor", operation="POST /things", request=b"{}")


@dataclass
class Edge:
    """A service's memory of answers, and something to do: a thing made, and an event about it."""

    mongo: Mongo
    clock: FixedClock = field(default_factory=FixedClock)
    runs: int = 0

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.mongo, InProcessBus(Hub()), Service.TENANCY, self.clock)
        self.answers = KeptAnswers(self.mongo, self.outbox, self.clock)

    async def make(self, name: str | None = None) -> Rendered:
        self.runs += 1
        thing = name or f"thing-{self.runs}"

        async def act(transaction: Transaction) -> None:
            await self.mongo.collection("things").insert(
                {"_id": thing}, session=transaction.session
            )
            transaction.publish(ResellerCreated(reseller_id=thing, name="A", locale="de"))

        await self.outbox.transact(act)
        return Rendered(201, {"Location": f"/{thing}"}, thing.encode())

    async def ask(self, mark: Mark = MARK, keyed: Keyed = True) -> Rendered:  # noqa: FBT002 an alias of the route's flag
        return await self.answers.once(mark, keyed, self.make)

    async def kept(self) -> dict[str, list[Document]]:
        names = ("things", "outbox", "kept_answers")
        return {name: await self.mongo.collection(name).find({}) for name in names}

    async def counts(self) -> list[int]:
        return [len(rows) for rows in (await self.kept()).values()]


@pytest_asyncio.fixture
async def edge(mongo: Mongo) -> Edge:
    made = Edge(mongo)
    await made.outbox.prepare()
    await made.answers.prepare()
    return made


async def test_a_request_sent_again_hears_the_same_answer_and_does_nothing(edge: Edge) -> None:
    first = await edge.ask()
    again = await edge.ask()

    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers == {**first.headers, "Idempotency-Replayed": "true"}
    assert await edge.counts() == [1, 1, 1]


async def test_a_death_between_effect_and_answer_leaves_neither(edge: Edge) -> None:
    async def die() -> Rendered:
        await edge.make()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await edge.answers.once(MARK, keyed=True, carry_out=die)
    left = await edge.counts()
    answer = await edge.ask()

    assert left == [0, 0, 0]
    assert answer.body == b"thing-2"
    assert await edge.counts() == [1, 1, 1]


async def test_a_refusal_is_not_kept(edge: Edge) -> None:
    async def refuse() -> Rendered:
        await edge.make()
        raise ShownOnceError

    with pytest.raises(ShownOnceError):
        await edge.answers.once(MARK, keyed=True, carry_out=refuse)

    assert await edge.counts() == [0, 0, 0]
    assert (await edge.ask()).status == 201


async def test_while_it_runs_the_same_request_hears_that_it_does(edge: Edge) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slowly() -> Rendered:
        begun.set()
        await may_end.wait()
        return await edge.make()

    first = asyncio.create_task(edge.answers.once(MARK, keyed=True, carry_out=slowly))
    await begun.wait()
    with pytest.raises(RequestRunningError) as refused:
        await edge.ask()
    may_end.set()
    answer = await first

    assert (refused.value.status, refused.value.retry_after_seconds) == (409, 1)
    assert (await edge.ask()).body == answer.body
    assert await edge.counts() == [1, 1, 1]


async def test_however_many_ask_at_once_it_is_done_once(edge: Edge) -> None:
    asked = [asyncio.create_task(edge.ask()) for _ in range(24)]
    await asyncio.wait(asked)

    failed = {type(one.exception()) for one in asked if one.exception() is not None}
    bodies = {one.result().body for one in asked if one.exception() is None}
    assert failed <= {RequestRunningError}
    assert len(bodies) == 1
    assert await edge.counts() == [1, 1, 1]


async def test_a_collision_with_somebody_else_runs_it_again_and_does_it_once(edge: Edge) -> None:
    counters = edge.mongo.collection("counters")
    await counters.insert({"_id": 1, "count": 0})

    async def count() -> Rendered:
        async def act(transaction: Transaction) -> None:
            await counters.find_one({"_id": 1}, transaction.session)
            if edge.runs == 0:  # somebody else, in between
                await counters.update({"_id": 1}, {"$inc": {"count": 10}})
            edge.runs += 1
            await counters.update({"_id": 1}, {"$inc": {"count": 1}}, session=transaction.session)

        await edge.outbox.transact(act)
        return Rendered(200, {}, None)

    await edge.answers.once(MARK, keyed=True, carry_out=count)

    assert edge.runs == 2
    assert await counters.find_one({"_id": 1}) == {"_id": 1, "count": 11}


async def test_another_request_under_the_key_is_refused(edge: Edge) -> None:
    await edge.ask()

    with pytest.raises(IdempotencyKeyReusedError):
        await edge.ask(replace(MARK, fingerprint="another"))

    assert await edge.counts() == [1, 1, 1]


@pytest.mark.parametrize("other", ["caller", "place", "operation"])
async def test_a_key_means_nothing_to_others_elsewhere_or_for_another_operation(
    edge: Edge, other: str
) -> None:
    scope = {"caller": "a-1", "place": "vendor", "operation": "POST /things", other: "another"}
    await edge.ask()

    answer = await edge.ask(mark_of("k-1", **scope, request=b"{}"))

    assert answer.body == b"thing-2"
    assert await edge.counts() == [2, 2, 2]


async def test_an_answer_is_kept_for_a_day_and_no_longer(edge: Edge) -> None:
    await edge.ask()
    edge.clock.advance(LIFE - timedelta(seconds=1))
    within = await edge.ask()
    edge.clock.advance(timedelta(seconds=1))
    after = await edge.ask()

    assert (within.body, after.body) == (b"thing-1", b"thing-2")


async def test_a_secret_is_neither_kept_nor_shown_again(edge: Edge) -> None:
    first = await edge.ask(keyed=ShownOnceError)
    with pytest.raises(ShownOnceError):
        await edge.ask(keyed=ShownOnceError)

    [kept] = (await edge.kept())["kept_answers"]
    assert first.body == b"thing-1"
    assert set(kept) == {"_id", "fingerprint", "expires_at"}
    assert await edge.counts() == [1, 1, 1]


async def test_what_got_over_a_failed_part_is_begun_anew_and_never_half_kept(edge: Edge) -> None:
    await edge.make("taken")

    async def get_over_it() -> Rendered:
        try:
            await edge.make("taken")
        except DuplicateKeyError:
            return await edge.make()
        raise AssertionError

    with pytest.raises(UnavailableError):
        await edge.answers.once(MARK, keyed=True, carry_out=get_over_it)

    assert await edge.counts() == [1, 1, 0]


async def test_work_that_outlives_the_request_has_transactions_of_its_own(edge: Edge) -> None:
    answered = asyncio.Event()
    later: list[asyncio.Task[Rendered]] = []

    async def make_later() -> Rendered:
        await answered.wait()
        return await edge.make("later")

    async def start() -> Rendered:
        later.append(asyncio.create_task(make_later()))
        return await edge.make("now")

    await edge.answers.once(MARK, keyed=True, carry_out=start)
    answered.set()
    await later[0]

    assert {row["_id"] for row in (await edge.kept())["things"]} == {"now", "later"}
