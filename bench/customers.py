"""The list of a reseller's customers: a page takes as long with a million as with a thousand."""

import json
from statistics import median
from typing import Final

from bench.figures import Goal, Spread, at_least, heading, line
from bench.stage import Stage, finished

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
_SECONDS: Final = 1200
_AT_LEAST: Final = 0.33


async def run(stage: Stage) -> list[Goal]:
    heading(
        "customers: pages of a reseller's list",
        "pages of 50 through tenancy's store on one mongod, by how many customers there are",
    )
    program = stage.program("customer_lists", stage.mongo_url, *map(str, SIZES))
    program.start()
    await finished(program, _SECONDS)
    found: dict[str, dict[str, list[float]]] = json.loads(program.output.splitlines()[-1])
    goals = []
    for name, by_size in found.items():
        for size in SIZES:
            line(f"{name}, of {size:,}", Spread.of(by_size[str(size)]), "ms")
        few, many = (median(by_size[str(size)]) for size in (SIZES[0], SIZES[-1]))
        goals.append(at_least(f"{name}: with {SIZES[0]:,} / {SIZES[-1]:,}", few / many, _AT_LEAST))
    return goals
