"""What benchmarks stand on: a MongoDB, a RabbitMQ, keys, and the portal's services as processes."""

import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.keyring import make_keys
from portal.ports import LOOPBACK
from tests.support.deployments import UNLIMITED
from tests.support.environment import TestEnvironment
from tests.support.mongod import session_mongod
from tests.support.processes import PROJECT, Process, free_port, python_module
from tests.support.rabbitmq import session_node
from tests.support.scratch import scratch_folder

START_SECONDS: Final = 30.0
RIVALS: Final = PROJECT / ".venv.rivals/bin/python"
"""The Python of other people's software, which `make bench` installs."""
CORES: Final = os.cpu_count() or 1


@dataclass(frozen=True)
class Stage:
    """Servers that all benchmarks share, and a scratch folder."""

    folder: Path
    mongo_url: str
    amqp_url: str

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @asynccontextmanager
    async def service(
        self, name: str, port: int, settings: Mapping[str, str], ready_url: str
    ) -> AsyncIterator[Process]:
        """A service of the portal, as in production a process of its own."""
        environment = {
            "MONGO_URL": self.mongo_url,
            "AMQP_URL": self.amqp_url,
            "PORTAL_PORT": str(port),
            "PORTAL_SECRETS_DIR": str(self.keys / name),
            **settings,
        }
        log = self.folder / f"{name}-{port}.log"
        process = python_module(f"services.{name}", log=log, env=environment)
        async with _running(process, ready_url):
            yield process

    @asynccontextmanager
    async def gateway(self, settings: Mapping[str, str]) -> AsyncIterator[tuple[str, Process]]:
        """The real gateway, and where people reach it."""
        port, ops_port = free_port(), free_port()
        own = {"PORTAL_OPS_PORT": str(ops_port), **UNLIMITED, **settings}
        ready_url = f"http://{LOOPBACK}:{ops_port}/readyz"
        async with self.service("gateway", port, own, ready_url) as process:
            yield f"http://{LOOPBACK}:{port}", process

    def program(
        self,
        name: str,
        *arguments: str,
        python: str | Path = sys.executable,
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """One of `bench.programs`, not yet started."""
        log = self.folder / f"{name}.log"
        return Process(python, "-m", f"bench.programs.{name}", *arguments, log=log, env=env or {})

    @asynccontextmanager
    async def rival(self, *arguments: str, env: Mapping[str, str]) -> AsyncIterator[str]:
        """Other people's software that serves HTTP."""
        port = free_port()
        url = f"http://{LOOPBACK}:{port}"
        process = self.program("rival", str(port), *arguments, python=RIVALS, env=env)
        async with _running(process, f"{url}/healthz"):
            yield url

    @asynccontextmanager
    async def server(self, name: str, *arguments: str) -> AsyncIterator[tuple[str, Process]]:
        """One of `bench.programs` that serves HTTP on the port it is given."""
        port = free_port()
        url = f"http://{LOOPBACK}:{port}"
        process = self.program(name, str(port), *arguments)
        async with _running(process, f"{url}/healthz"):
            yield url, process


@asynccontextmanager
async def _running(process: Process, ready_url: str) -> AsyncIterator[None]:
    process.start()
    try:
        await process.answers(ready_url, START_SECONDS)
        yield
    finally:
        await process.stop()


async def finished(process: Process, within_seconds: float) -> None:
    """Wait for a program that ends by itself; where it fails, tell its last words."""
    if not await process.ended(within_seconds) or process.exit_code != 0:
        await process.stop(1)
        raise RuntimeError(f"exit code {process.exit_code}:\n{process.output[-4000:]}")


def pin(process: Process, core: int) -> None:
    """Keep a process on one core, so that two proxies are compared on equal terms."""
    if core < CORES:
        os.sched_setaffinity(process.pid, {core})


def cpu_seconds(process: Process) -> float:
    """How long all threads of a process have run (Linux): the same on a busy machine."""
    running = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in running) / 1e9


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Private servers on scratch folders; a broker that AMQP_URL names is used as it is."""
    given = TestEnvironment().amqp_url
    with (
        scratch_folder("bench") as folder,
        session_mongod(checkpoint_seconds=60) as mongod,
        nullcontext(None) if given else session_node() as node,
    ):
        stage = Stage(folder, mongod.url, node.url if node else given)
        make_keys(stage.keys)
        yield stage
