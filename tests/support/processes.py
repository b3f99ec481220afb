"""Programs under test as processes of their own, with their output in a file."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aiohttp

from portal import children
from portal.ports import free_port
from shared.clock import monotonic

__all__ = ["PROJECT", "Process", "free_port", "python_module"]

PROJECT: Final = Path(__file__).parents[2]


class Process:
    """A program that can be started, stopped, killed and started again.

    Start it in a test or fixture, never in a worker thread: it ends with its starter's thread.
    """

    def __init__(self, *command: str | Path, log: Path, env: Mapping[str, str]) -> None:
        self._command = command
        self.env = env
        self._child: children.Child | None = None
        self.log = log

    @property
    def pid(self) -> int:
        assert self._child, "not started"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._child.poll() if self._child else None

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def start(self) -> None:
        assert not self.is_running, "already started"
        environment = {**os.environ, **self.env}
        self._child = children.spawn(
            self._command, self.log, environment=environment, folder=PROJECT
        )

    def send(self, number: int) -> None:
        """Send the process a signal."""
        os.kill(self.pid, number)

    async def stop(self, grace_seconds: float = 20) -> int | None:
        """SIGTERM, and SIGKILL after the grace period; returns the exit code."""
        if self._child:
            await children.stop(self._child, grace_seconds)
        return self.exit_code

    async def kill(self) -> None:
        """SIGKILL, as a crash."""
        if self._child:
            await children.kill(self._child)

    async def ended(self, within_seconds: float) -> bool:
        return self._child is None or await children.ended(self._child, within_seconds)

    async def answers(self, url: str, within_seconds: float = 20) -> None:
        """Wait for HTTP 200; where the process ends or time runs out, fail with its last words."""
        until = monotonic() + within_seconds
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
            while self.is_running and monotonic() < until:
                if await _is_ok(http, url):
                    return
                await asyncio.sleep(0.05)
        state = "does not answer" if self.is_running else f"ended with {self.exit_code}"
        message = f"{' '.join(map(str, self._command))} {state}:\n{self.output[-4000:]}"
        raise AssertionError(message)


def python_module(name: str, *arguments: str, log: Path, env: Mapping[str, str]) -> Process:
    """`python -m name …` with the interpreter that runs the tests."""
    return Process(sys.executable, "-m", name, *arguments, log=log, env=env)


async def _is_ok(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
