"""Tries at one counter, one after the other within this process.

A guess is counted after it was checked, so those checked at the same instant don't know of each
other. Taking turns bounds that to one per replica, whatever the number that arrive together.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from services.auth.clients.hasher import HasherBusyError

WAITING: Final = 64
"""More waiting for one turn are sent away, as from a full hasher."""


class Turns:
    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._here: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, whom: str) -> AsyncIterator[None]:
        """Wait for the turn at this counter and hold it."""
        if self._here[whom] > WAITING:
            raise HasherBusyError
        self._here[whom] += 1
        try:
            async with self._locks.setdefault(whom, asyncio.Lock()):
                yield
        finally:
            self._here[whom] -= 1
            if not self._here[whom]:
                del self._here[whom], self._locks[whom]
