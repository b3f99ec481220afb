"""`python -m bench [name …]`: run the named benchmarks, or all, beside their goals."""

import os
from typing import Final

import click
import uvloop

from bench.figures import Goal, heading, summary
from bench.registry import BENCHMARKS
from bench.stage import CORES, Stage, open_stage
from shared.clock import monotonic
from shared.logs import configure_logging

BUSY: Final = 1.0
"""A load average above which figures, ratios included, say little."""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--smoke", is_flag=True, help="Run the least of each, to see it run; judge nothing.")
def main(names: tuple[str, ...], *, smoke: bool) -> None:
    """Measure the portal beside yardsticks, in one run."""
    configure_logging(level="WARNING")
    begun, load = monotonic(), os.getloadavg()[0]
    heading(
        "Benchmarks of the portal",
        f"{CORES} cores, loopback, servers and load on the same machine, whose load average was "
        f"{load:.1f} before;\n  figures are least / median / most of the rounds",
    )
    with open_stage() as stage:
        goals = uvloop.run(_run(stage, names or tuple(BENCHMARKS), smoke=smoke))
    if smoke:
        print("\nAll of it runs; so short a run measures nothing.")
    else:
        summary(goals)
        if load > BUSY:
            print("\nThe machine had other work to do: run this again when it is idle.")
    print(f"\nTook {monotonic() - begun:.0f} s.")


async def _run(stage: Stage, names: tuple[str, ...], *, smoke: bool) -> list[Goal]:
    goals: list[Goal] = []
    for name in names:
        benchmark = BENCHMARKS[name]
        goals += await benchmark.run(stage, benchmark.smoke if smoke else benchmark.full)
    return goals


if __name__ == "__main__":
    main()
