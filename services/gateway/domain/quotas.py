"""How many requests a minute one source, account, key or organisation may send.

A quota is a bucket of tokens that fills up steadily. Every replica has buckets of its own and takes
out of them what others say they let through. While the bus is silent nobody says anything, so each
replica gives only its share of what there is.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from services.gateway.domain.trust import BUS_SILENT_SECONDS
from shared.errors import TooManyError

WINDOW_SECONDS: Final = 60
GONE_SECONDS: Final = 15.0
"""A replica that has said nothing for so long has ended."""
MOST_TOLD: Final = 500
_BUCKETS: Final = 50_000
"""Of each quota; beyond them the least lately used is forgotten, and full when it comes back."""


@dataclass(frozen=True)
class Left:
    """What is left of a quota after a request, for the RateLimit fields."""

    name: str
    amount: int
    tokens: float
    is_refused: bool
    wait_seconds: int
    """Until there is a token again, where there is none; else until the bucket is full."""


class RateLimitedError(TooManyError):
    code = "rate_limited"
    detail = "You have sent too many requests. Wait, then go on more slowly."


class Quota:
    """The buckets of one kind, by whom they belong to."""

    def __init__(self, name: str, amount: int) -> None:
        self.name = name
        self.amount = amount
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, whose: str, now: float, share: float) -> Left:
        most = max(1.0, self.amount * share)
        rate = most / WINDOW_SECONDS
        tokens = self._tokens(whose, now, most, rate)
        is_refused = tokens < 1
        if not is_refused:
            tokens -= 1
        self._keep(whose, tokens, now)
        missing = 1 - tokens if is_refused else most - tokens
        return Left(self.name, self.amount, tokens, is_refused, math.ceil(missing / rate))

    def take_back(self, whose: str, count: int, now: float, share: float) -> None:
        """Another replica has let these through; nobody is in debt for more than a minute."""
        most = max(1.0, self.amount * share)
        tokens = self._tokens(whose, now, most, most / WINDOW_SECONDS) - count
        self._keep(whose, max(tokens, -most), now)

    def _tokens(self, whose: str, now: float, most: float, rate: float) -> float:
        tokens, at = self._buckets.get(whose, (most, now))
        return min(most, tokens + (now - at) * rate)

    def _keep(self, whose: str, tokens: float, now: float) -> None:
        self._buckets[whose] = (tokens, now)
        self._buckets.move_to_end(whose)
        if len(self._buckets) > _BUCKETS:
            self._buckets.popitem(last=False)


class Quotas:
    """All quotas of one replica, and what it knows of the others."""

    def __init__(
        self, amounts: Mapping[str, int], replica: str, silent_seconds: Callable[[], float]
    ) -> None:
        self.replica = replica
        self._quotas = {name: Quota(name, amount) for name, amount in amounts.items() if amount}
        self._silent_seconds = silent_seconds
        self._used: dict[str, int] = {}
        self._others: dict[str, float] = {}

    def take(self, whose: Sequence[tuple[str, str]], now: float) -> list[Left]:
        """Take a token from each of these, as far as there is one; the last may be refused."""
        share, lefts = self._share(), []
        for name, who in whose:
            quota = self._quotas.get(name)
            if quota is None:
                continue
            key = f"{name}:{_digest(who)}"
            left = quota.take(key, now, share)
            lefts.append(left)
            if left.is_refused:
                break
            self._note(key)
        return lefts

    def _note(self, key: str) -> None:
        if key in self._used or len(self._used) < _BUCKETS:
            self._used[key] = self._used.get(key, 0) + 1

    def told(self) -> dict[str, int]:
        """What the others are to hear now: the greatest counts; the rest waits for its turn."""
        used = self._used
        if len(used) <= MOST_TOLD:
            self._used = {}
            return used
        greatest = sorted(used, key=used.__getitem__, reverse=True)[:MOST_TOLD]
        return {key: used.pop(key) for key in greatest}

    def hear(self, replica: str, used: Mapping[str, int], now: float) -> None:
        """What a replica has let through. Who is gone is noticed only while others are heard."""
        if replica != self.replica:
            self._others[replica] = now
            for key, count in used.items():
                quota = self._quotas.get(key.partition(":")[0])
                if quota is not None and count > 0:
                    quota.take_back(key, count, now, self._share())
        for gone in [one for one, at in self._others.items() if now - at > GONE_SECONDS]:
            del self._others[gone]

    def _share(self) -> float:
        is_silent = self._silent_seconds() > BUS_SILENT_SECONDS
        return 1 / (len(self._others) + 1) if is_silent else 1.0


def fields(lefts: Sequence[Left]) -> dict[str, str]:
    """The RateLimit fields (draft-ietf-httpapi-ratelimit-headers-10): all quotas, and the one that
    is nearest to its end.
    """
    if not lefts:
        return {}
    policies = (f'"{one.name}";q={one.amount};w={WINDOW_SECONDS}' for one in lefts)
    least = min(lefts, key=lambda one: one.tokens / one.amount)
    said = f'"{least.name}";r={max(0, int(least.tokens))};t={least.wait_seconds}'
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": said}


def _digest(who: str) -> str:
    return blake2b(who.encode(), digest_size=8).hexdigest()
