"""What both ways of publishing and consuming are told to do."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from pydantic import BaseModel

from shared.clock import monotonic


class BusPlan(BaseModel):
    amqp_url: str
    result: Path
    """Where messages a second are written: from the first publish until the last is handled."""
    warm: int
    messages: int
    at_once: int = 32


class Run:
    def __init__(self, plan: BusPlan) -> None:
        self._plan = plan
        self._missing = set[str]()
        self._all = asyncio.Event()

    def note(self, name: str) -> None:
        self._missing.discard(name)
        if not self._missing:
            self._all.set()

    async def carry_out(self, publish: Callable[[str], Awaitable[None]]) -> None:
        """Publish so many at once, each awaited until it is confirmed; all must be handled."""
        await self._publish_all("warm", self._plan.warm, publish)
        begun = monotonic()
        await self._publish_all("message", self._plan.messages, publish)
        self._plan.result.write_bytes(orjson.dumps(self._plan.messages / (monotonic() - begun)))

    async def _publish_all(
        self, kind: str, count: int, publish: Callable[[str], Awaitable[None]]
    ) -> None:
        names = [f"{kind}-{number}" for number in range(count)]
        self._missing, waiting = set(names), iter(names)
        self._all.clear()

        async def work() -> None:
            for name in waiting:
                await publish(name)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._plan.at_once):
                group.create_task(work())
        await self._all.wait()
