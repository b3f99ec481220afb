"""Programs under test can be waited for, stopped and killed."""

import signal
import sys
from pathlib import Path

import pytest

from tests.support.processes import Process, free_port, python_module

_STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)"


async def test_a_server_is_waited_for_and_stopped(tmp_path: Path) -> None:
    port = free_port()
    arguments = (str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path))
    server = python_module("http.server", *arguments, log=tmp_path / "log", env={})

    server.start()
    await server.answers(f"http://127.0.0.1:{port}/")

    assert await server.stop() == -signal.SIGTERM
    assert not server.is_running


async def test_the_last_words_of_a_program_that_ends_early_are_shown(tmp_path: Path) -> None:
    server = Process(sys.executable, "-c", "exit('no licence')", log=tmp_path / "log", env={})
    server.start()

    with pytest.raises(AssertionError, match="ended with 1:\nno licence"):
        await server.answers("http://127.0.0.1:9/")


async def test_a_program_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    program = Process(
        sys.executable, "-c", f"{_STUBBORN}; time.sleep(60)", log=tmp_path / "log", env={}
    )
    program.start()
    while "up" not in program.output:
        assert not await program.ended(0.05)

    assert await program.stop(grace_seconds=0.2) == -signal.SIGKILL


async def test_a_killed_program_can_be_started_again(tmp_path: Path) -> None:
    program = Process(
        sys.executable, "-c", "import time; time.sleep(60)", log=tmp_path / "log", env={}
    )
    program.start()
    await program.kill()

    program.start()

    assert program.is_running
    await program.stop()
