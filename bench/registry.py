"""All benchmarks by the name that `python -m bench` knows them by, in the order of a whole run."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from bench import (
    bus,
    customers,
    entitlements,
    events,
    flood,
    gateway,
    licences,
    logins,
    mails,
    orders,
    refusals,
    rivals,
    tokens,
)
from bench.figures import Goal
from bench.stage import Stage

S = TypeVar("S")


@dataclass(frozen=True)
class Benchmark(Generic[S]):
    """What is run, and how much of it: to be measured, or only to see that all its parts work."""

    run: Callable[[Stage, S], Awaitable[list[Goal]]]
    full: S
    smoke: S


BENCHMARKS: Final[Mapping[str, Benchmark[Any]]] = {
    "gateway": Benchmark(gateway.run, gateway.FULL, gateway.SMOKE),
    "flood": Benchmark(flood.run, flood.FULL, flood.SMOKE),
    "logins": Benchmark(logins.run, logins.FULL, logins.SMOKE),
    "rivals": Benchmark(rivals.run, rivals.FULL, rivals.SMOKE),
    "tokens": Benchmark(tokens.run, tokens.FULL, tokens.SMOKE),
    "refusals": Benchmark(refusals.run, refusals.FULL, refusals.SMOKE),
    "events": Benchmark(events.run, events.FULL, events.SMOKE),
    "bus": Benchmark(bus.run, bus.FULL, bus.SMOKE),
    "entitlements": Benchmark(entitlements.run, entitlements.FULL, entitlements.SMOKE),
    "licences": Benchmark(licences.run, licences.FULL, licences.SMOKE),
    "orders": Benchmark(orders.run, orders.FULL, orders.SMOKE),
    "customers": Benchmark(customers.run, customers.FULL, customers.SMOKE),
    "mails": Benchmark(mails.run, mails.FULL, mails.SMOKE),
}
