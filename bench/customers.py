"""The list of a reseller's customers: a page takes as long with a million as with a thousand."""

import json
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.figures import Goal, Spread, at_least, heading, line
from bench.stage import Stage, finished

_SECONDS: Final = 1200
_AT_LEAST: Final = 0.33


@dataclass(frozen=True)
class Size:
    customers: tuple[int, ...]
    """How many the reseller has, one after the other."""
    rounds: int
    """How often each page is asked for."""


FULL: Final = Size(customers=(1_000, 10_000, 100_000, 1_000_000), rounds=100)
SMOKE: Final = Size(customers=(10, 100), rounds=2)


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "customers: pages of a reseller's list",
        "pages of 50 through tenancy's store on one mongod, by how many customers there are",
    )
    counts = size.customers
    program = stage.program("customer_lists", stage.mongo_url, str(size.rounds), *map(str, counts))
    program.start()
    await finished(program, _SECONDS)
    found: dict[str, dict[str, list[float]]] = json.loads(program.output.splitlines()[-1])
    goals = []
    for name, by_size in found.items():
        for count in counts:
            line(f"{name}, of {count:,}", Spread.of(by_size[str(count)]), "ms")
        few, many = (median(by_size[str(count)]) for count in (counts[0], counts[-1]))
        goals.append(
            at_least(f"{name}: with {counts[0]:,} / {counts[-1]:,}", few / many, _AT_LEAST)
        )
    return goals
