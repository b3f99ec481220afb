"""How many mails this process has under way to each domain, so that none of them is overrun."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Domains:
    """At most so many mails at once to one domain; the mails to all others go on meanwhile."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._under_way: Counter[str] = Counter()
        self.choosing = asyncio.Lock()
        """Held from asking which are busy until the mail that was chosen is counted."""

    def busy(self) -> list[str]:
        return [name for name, count in self._under_way.items() if count >= self._at_once]

    @contextmanager
    def counted(self, domain: str) -> Iterator[None]:
        self._under_way[domain] += 1
        try:
            yield
        finally:
            self._under_way[domain] -= 1
            if not self._under_way[domain]:
                del self._under_way[domain]
