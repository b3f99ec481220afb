"""Those who follow a stream through this replica: so many at once, and woken by the bus."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from services.gateway.domain.crowds import Crowds
from shared.ids import VENDOR


class Followers:
    """Who follows, by organisation; nobody is remembered who doesn't."""

    def __init__(self, most_of_account: int, most: int) -> None:
        self.is_closed = False
        self._of_account, self._all = Crowds(most_of_account), Crowds(most)
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    @contextmanager
    def following(self, account: str, org: str) -> Iterator[asyncio.Event]:
        """Be woken for as long as it lasts; CrowdedError where there are as many as may be."""
        woken = asyncio.Event()
        with self._of_account.inside(account), self._all.inside("everybody"):
            self._waiting.setdefault(org, set()).add(woken)
            try:
                yield woken
            finally:
                self._waiting[org].remove(woken)
                if not self._waiting[org]:
                    del self._waiting[org]

    def wake(self, orgs: Iterable[str]) -> None:
        """There is something new for these, and for the vendor in any case."""
        for org in {*orgs, VENDOR}:
            for woken in self._waiting.get(org, ()):
                woken.set()

    def close(self) -> None:
        """The replica ends: so does every stream."""
        self.is_closed = True
        for of_one in self._waiting.values():
            for woken in of_one:
                woken.set()
