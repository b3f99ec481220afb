"""Sign-ins as fast as they are answered, and what a steady reader feels meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from bench.stage import CORES
from bench.wrk import wrk
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
    sign_ins: tuple[str, Path]
    """Where sign-ins are posted, and wrk's script that posts those of all people in turn."""
    own_path: str
    """Where those who are signed in read about themselves."""
    logins: list[float] = field(default_factory=list)
    """Per second, by round."""
    reads: list[float] = field(default_factory=list)
    """Milliseconds of every read beside the sign-ins, of all rounds."""

    async def go(self, seconds: int) -> float:
        """A round; returns the sign-ins per second."""
        token = await self.sign_in(self.http, 0)
        url, script = self.sign_ins
        async with asyncio.TaskGroup() as group:
            load = group.create_task(
                wrk(url, token=token, connections=AT_ONCE, seconds=seconds, script=script)
            )
            for _ in range(seconds * READS_PER_SECOND):
                group.create_task(self._read(token))
                await asyncio.sleep(1 / READS_PER_SECOND)
        self.logins.append(load.result().per_second)
        return self.logins[-1]

    async def _read(self, token: str) -> None:
        begun = monotonic()
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.get(self.own_path, headers=headers) as response:
            response.raise_for_status()
            await response.read()
        self.reads.append((monotonic() - begun) * 1000)
