"""Publishing and consuming on RabbitMQ, the portal's bus beside FastStream."""

from dataclasses import dataclass
from typing import Final

import orjson

from bench.figures import Goal, Spread, at_least, heading, line, progress
from bench.programs.bus_plan import BusPlan
from bench.stage import Stage, finished
from shared.ids import new_id

LIMIT_SECONDS: Final = 60.0
OURS, FRAMEWORK = "portal_bus", "faststream_bus"


@dataclass(frozen=True)
class Size:
    rounds: int
    warm: int
    messages: int


FULL: Final = Size(rounds=5, warm=500, messages=5000)
SMOKE: Final = Size(rounds=1, warm=10, messages=50)


async def run(stage: Stage, size: Size) -> list[Goal]:
    plan = BusPlan(
        amqp_url=stage.amqp_url,
        result=stage.folder / new_id(),
        warm=size.warm,
        messages=size.messages,
    )
    heading(
        "bus: publish, confirmed → consume, acknowledged, over a quorum queue",
        f"one process each; {plan.messages} messages, {plan.at_once} publishers at once",
    )
    rates: dict[str, list[float]] = {FRAMEWORK: [], OURS: []}
    for number in range(size.rounds):
        for name, measured in rates.items():
            program = stage.program(name, plan.model_dump_json())
            try:
                program.start()
                await finished(program, LIMIT_SECONDS)
            finally:
                await program.stop()
            measured.append(orjson.loads(plan.result.read_bytes()))
            progress(f"round {number + 1} of {size.rounds}, {name}: {measured[-1]:,.0f} messages/s")
    line("FastStream", Spread.of(rates[FRAMEWORK]), "messages/s")
    line("portal", Spread.of(rates[OURS]), "messages/s")
    ratio = Spread.of_ratios(rates[OURS], rates[FRAMEWORK])
    line("portal / FastStream", ratio, "")
    return [at_least("bus, publish and consume / FastStream", ratio.middle, 1.0)]
