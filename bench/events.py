"""Events from commit to handler, the portal's way beside the same steps written straight down."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import orjson

from bench.figures import Goal, Spread, at_least, below, heading, line, percentile, progress
from bench.programs.plan import Instants, Plan
from bench.stage import Stage, finished
from shared.ids import new_id
from shared.mongo.database import open_mongo

LIMIT_SECONDS: Final = 60.0
PER_SECOND: Final = 200
OURS, BARE = "portal_events", "bare_events"
DATABASES: Final = ("auth", "mailer", "bare")


@dataclass(frozen=True)
class Size:
    rounds: int
    warm: int
    steady: int
    burst: int


FULL: Final = Size(rounds=3, warm=100, steady=1000, burst=3000)
SMOKE: Final = Size(rounds=1, warm=10, steady=20, burst=50)


@dataclass
class Measured:
    """Round by round: milliseconds from commit to handler at a steady rate, and the burst."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    sustained: list[float] = field(default_factory=list)


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "events: commit → handler, through outbox, relay, quorum queue and inbox",
        f"producer, consumer, mongod and RabbitMQ are processes; {size.steady} events at "
        f"{PER_SECOND} per second, then {size.burst} as fast as it goes",
    )
    measured = {BARE: Measured(), OURS: Measured()}
    for number in range(size.rounds):
        for name, one in measured.items():
            committed, handled = await _round(stage, size, name)
            _note(one, committed, handled)
            progress(
                f"round {number + 1} of {size.rounds}, {name}: {one.sustained[-1]:,.0f} events/s, "
                f"p50 {one.p50[-1]:.1f} ms, p99 {one.p99[-1]:.1f} ms"
            )
    return _told(measured[OURS], measured[BARE])


def _told(ours: Measured, bare: Measured) -> list[Goal]:
    for name, one in (("bare pipeline", bare), ("portal", ours)):
        line(f"{name}, sustained", Spread.of(one.sustained), "events/s")
        line(f"{name}, commit → handler, p50", Spread.of(one.p50), "ms")
        line(f"{name}, commit → handler, p99", Spread.of(one.p99), "ms")
    ratio = Spread.of_ratios(ours.sustained, bare.sustained)
    line("portal / bare pipeline, sustained", ratio, "")
    return [
        below("events at 200/s, commit → handler, p50", Spread.of(ours.p50).middle, 5),
        below("events at 200/s, commit → handler, p99", Spread.of(ours.p99).middle, 30),
        at_least("events sustained / bare pipeline", ratio.middle, 0.8),
    ]


def _plan(stage: Stage, size: Size) -> Plan:
    folder = stage.folder / new_id()
    return Plan(
        role="consume",
        mongo_url=stage.mongo_url,
        amqp_url=stage.amqp_url,
        database_prefix=f"b_{new_id()[:12]}_",
        ready=folder / "ready",
        committed=folder / "committed.json",
        handled=folder / "handled.json",
        warm=size.warm,
        steady=size.steady,
        per_second=PER_SECOND,
        burst=size.burst,
    )


async def _round(stage: Stage, size: Size, name: str) -> tuple[Instants, Instants]:
    """Run one pipeline on databases of its own; when each event was committed and handled."""
    plan = _plan(stage, size)
    plan.ready.parent.mkdir()
    consumer = stage.program(name, plan.model_dump_json())
    producer = stage.program(name, plan.model_copy(update={"role": "produce"}).model_dump_json())
    try:
        consumer.start()
        async with asyncio.timeout(LIMIT_SECONDS):
            while consumer.is_running and not plan.ready.exists():  # noqa: ASYNC110 another process
                await asyncio.sleep(0.02)
        producer.start()
        await finished(producer, LIMIT_SECONDS)
        await finished(consumer, LIMIT_SECONDS)
    finally:
        await producer.stop()
        await consumer.stop()
        for database in DATABASES:
            async with open_mongo(stage.mongo_url, plan.database_prefix + database) as mongo:
                await mongo.drop()
    return orjson.loads(plan.committed.read_bytes()), orjson.loads(plan.handled.read_bytes())


def _note(measured: Measured, committed: Instants, handled: Instants) -> None:
    """An event may be handled before its committer hears of the commit: that took no time."""
    waits = [
        max(handled[name] - at, 0.0) * 1000
        for name, at in committed.items()
        if name.startswith("steady")
    ]
    measured.p50.append(percentile(waits, 0.5))
    measured.p99.append(percentile(waits, 0.99))
    burst = [at for name, at in handled.items() if name.startswith("burst")]
    measured.sustained.append(len(burst) / (max(burst) - committed["begun"]))
