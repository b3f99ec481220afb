"""Every benchmark runs to its end, the least of each: so none can be broken unnoticed."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Final

import pytest

from bench.registry import BENCHMARKS
from bench.stage import Stage
from portal.keyring import make_keys
from portal.ports import LOOPBACK
from tests.support.mongod import session_mongod
from tests.support.processes import free_port, python_module
from tests.support.rabbitmq import RabbitNode
from tests.support.scratch import scratch_folder

LEFT_OUT: Final = {"rivals"}
"""It compares with other people's software, which `make bench` alone installs."""
END_SECONDS: Final = 50.0


@pytest.fixture(scope="module")
def stage(rabbitmq: RabbitNode) -> Iterator[Stage]:
    with scratch_folder("bench") as folder, session_mongod() as mongod:
        stage = Stage(folder, mongod.url, rabbitmq.add_vhost("bench"))
        make_keys(stage.keys)
        yield stage


@pytest.mark.foreign
@pytest.mark.rabbitmq
@pytest.mark.parametrize("name", [name for name in BENCHMARKS if name not in LEFT_OUT])
async def test_a_benchmark_runs_to_its_end(stage: Stage, name: str) -> None:
    # given
    benchmark = BENCHMARKS[name]
    # when
    goals = await benchmark.run(stage, benchmark.smoke)
    # then
    assert all(isfinite(goal.measured) for goal in goals)


@pytest.mark.rabbitmq
async def test_the_command_runs_what_it_is_told_and_judges_no_smoke(
    rabbitmq: RabbitNode, tmp_path: Path
) -> None:
    # when
    code, said = await _command(tmp_path, "customers", "bus", AMQP_URL=rabbitmq.url)
    # then
    assert code == 0, said
    assert "customers: pages of a reseller's list" in said
    assert "portal / FastStream" in said
    assert "goal" not in said


async def test_the_command_fails_where_a_program_does(tmp_path: Path) -> None:
    # given
    nobody = f"amqp://{LOOPBACK}:{free_port()}"
    # when
    code, said = await _command(tmp_path, "bus", AMQP_URL=nobody)
    # then
    assert code == 1, said
    assert "RuntimeError: exit code 1" in said


async def _command(folder: Path, *names: str, **env: str) -> tuple[int | None, str]:
    process = python_module("bench", "--smoke", *names, log=folder / "bench.log", env=env)
    process.start()
    try:
        assert await process.ended(END_SECONDS), process.output
    finally:
        await process.stop()
    return process.exit_code, process.output
