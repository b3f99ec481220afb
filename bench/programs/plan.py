"""What both event pipelines are told to do, and the load that their producers carry out."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, TypeAlias

import orjson
from pydantic import BaseModel

from shared.clock import monotonic

Instants: TypeAlias = dict[str, float]
"""When something happened to each event (monotonic seconds, one clock for all processes)."""


class Plan(BaseModel):
    """One run of one pipeline; producer and consumer are given the same, save for the role."""

    role: Literal["produce", "consume"]
    mongo_url: str
    amqp_url: str
    database_prefix: str
    ready: Path
    """Appears when the consumer listens."""
    committed: Path
    handled: Path
    warm: int
    steady: int
    per_second: int
    burst: int
    at_once: int = 32

    @property
    def events(self) -> int:
        return self.warm + self.steady + self.burst


async def produce(plan: Plan, commit: Callable[[str], Awaitable[None]]) -> None:
    """Commit a few events to get warm, then at a steady rate, then as fast as it goes."""
    committed: Instants = {}

    async def one(name: str) -> None:
        await commit(name)
        committed[name] = monotonic()

    await _steadily(plan.per_second, [f"warm-{number}" for number in range(plan.warm)], one)
    await _steadily(plan.per_second, [f"steady-{number}" for number in range(plan.steady)], one)
    await asyncio.sleep(0.5)
    committed["begun"] = monotonic()
    await _at_once(plan.at_once, [f"burst-{number}" for number in range(plan.burst)], one)
    plan.committed.write_bytes(orjson.dumps(committed))


async def _steadily(
    per_second: int, names: list[str], one: Callable[[str], Awaitable[None]]
) -> None:
    """Start each at its time, whether those before are done or not."""
    begun = monotonic()
    async with asyncio.TaskGroup() as group:
        for number, name in enumerate(names):
            await asyncio.sleep(begun + number / per_second - monotonic())
            group.create_task(_awaited(one(name)))


async def _at_once(workers: int, names: list[str], one: Callable[[str], Awaitable[None]]) -> None:
    waiting = iter(names)

    async def work() -> None:
        for name in waiting:
            await one(name)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())


async def _awaited(work: Awaitable[None]) -> None:
    await work


class Tally:
    """When the consumer's handler was called for each event; complete once all have come."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._handled: Instants = {}
        self._all = asyncio.Event()

    def note(self, name: str) -> None:
        self._handled[name] = monotonic()
        if len(self._handled) == self._plan.events:
            self._all.set()

    async def complete(self) -> None:
        """Say that the consumer listens, wait for all events, and write down when each came."""
        self._plan.ready.touch()
        await self._all.wait()
        self._plan.handled.write_bytes(orjson.dumps(self._handled))
