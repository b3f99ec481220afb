"""Sign-ins as fast as they are answered, and what a steady reader feels meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

import aiohttp

from bench.stage import CORES
from shared.clock import monotonic

ACCOUNTS: Final = 16
AT_ONCE: Final = 4 * CORES
READS_PER_SECOND: Final = 10


@dataclass
class Contender:
    """Something that people sign in to, and what was measured of it."""

    name: str
    http: aiohttp.ClientSession
    sign_in: Callable[[aiohttp.ClientSession, int], Awaitable[str]]
    """Signs in whoever has this number, and returns their token."""
    own_path: str
    """Where those who are signed in read about themselves."""
    logins: list[float] = field(default_factory=list)
    """Per second, by round."""
    reads: list[float] = field(default_factory=list)
    """Milliseconds of every read beside the sign-ins, of all rounds."""

    async def go(self, seconds: float) -> float:
        """A round; returns the sign-ins per second."""
        token = await self.sign_in(self.http, 0)
        begun = monotonic()
        numbers, until = cycle(range(ACCOUNTS)), begun + seconds
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._sign_ins(numbers, until)) for _ in range(AT_ONCE)]
            for _ in range(int(seconds * READS_PER_SECOND)):
                group.create_task(self._read(token))
                await asyncio.sleep(1 / READS_PER_SECOND)
        rate = sum(worker.result() for worker in workers) / (monotonic() - begun)
        self.logins.append(rate)
        return rate

    async def _sign_ins(self, numbers: Iterator[int], until: float) -> int:
        count = 0
        while monotonic() < until:
            await self.sign_in(self.http, next(numbers))
            count += 1
        return count

    async def _read(self, token: str) -> None:
        begun = monotonic()
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.get(self.own_path, headers=headers) as response:
            response.raise_for_status()
            await response.read()
        self.reads.append((monotonic() - begun) * 1000)
