"""A private RabbitMQ node for tests, on free loopback ports and a scratch folder."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final

from portal import children
from portal.ports import LOOPBACK, free_port
from shared.clock import monotonic
from tests.support.scratch import scratch_folder

START_SECONDS: Final = 60.0
SETTLE_SECONDS: Final = 3.0
"""How old a quorum queue must be to survive a kill. RabbitMQ 3.10 writes the directory of queues to
disk about a second late: after an earlier kill the queue is declared as before and answers nothing
(seen at 0.6 s, not from 1.5 s on). A queue that exists is not touched by this."""
_DEBIAN: Final = Path("/usr/lib/rabbitmq/bin")
_GREETING: Final = b"AMQP\x00\x00\x09\x01"
_QUIET_SCHEDULERS: Final = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
_LOOPBACK_ONLY: Final = "-kernel inet_dist_use_interface {127,0,0,1}"
_CONFIGURATION: Final = """\
listeners.tcp.default = 127.0.0.1:{port}
loopback_users = none
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 33554432
log.file.level = warning
"""


def find_scripts() -> Path:
    """The folder of the server's own scripts; Debian's wrappers in sbin would change the user."""
    if (_DEBIAN / "rabbitmq-server").exists():
        return _DEBIAN
    if on_path := shutil.which("rabbitmq-server"):
        return Path(on_path).resolve().parent
    raise AssertionError(
        "These tests need RabbitMQ: run `make test` as root on Debian, which installs it, "
        "or install the package rabbitmq-server."
    )


class RabbitNode:
    """One node: start it, stop or kill it, and start it again on the same data and port.

    Its port mapper (epmd) is ours too, on a port of its own: the machine's is left alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scripts = find_scripts()
        self._name = f"portal-{token_hex(4)}@localhost"
        self._port, self._dist_port, self._epmd_port = free_port(), free_port(), free_port()
        self._epmd: children.Child | None = None
        self._beam: children.Child | None = None

    @property
    def url(self) -> str:
        return self.vhost_url("%2F")

    def vhost_url(self, vhost: str) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self._port}/{vhost}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int:
        """The process id of the Erlang machine."""
        assert self._beam, "not started"
        return self._beam.pid

    async def start(self) -> None:
        """Start, and return when the node speaks AMQP (5 to 8 seconds)."""
        (self._folder / "rabbitmq.conf").write_text(_CONFIGURATION.format(port=self._port))
        (self._folder / "enabled_plugins").write_text("[].\n")
        log = self._folder / "output.log"
        if self._epmd is None or self._epmd.poll() is not None:
            epmd = [shutil.which("epmd") or "epmd", "-address", LOOPBACK]
            self._epmd = children.spawn([*epmd, "-port", str(self._epmd_port)], log)
        self._beam = children.spawn(
            [self._scripts / "rabbitmq-server"], log, environment=self._environment()
        )
        until = monotonic() + START_SECONDS
        while not await asyncio.to_thread(_speaks_amqp, self._port):
            if self._beam.poll() is not None or monotonic() > until:
                raise AssertionError(f"RabbitMQ did not start:\n{log.read_text()[-4000:]}")
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Stop the node in good order; the data stay."""
        if self._beam:
            await children.stop(self._beam, 30)

    async def kill(self) -> None:
        """Kill the node as a crash would; the data stay as they are on disk.

        Let SETTLE_SECONDS pass between the first declaration of quorum queues and this.
        """
        if self._beam:
            await children.kill(self._beam)

    async def close(self) -> None:
        """Stop the node and its port mapper."""
        await self.stop()
        if self._epmd:
            await children.stop(self._epmd, 5)

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` on the node (about a second) and return what it printed."""
        return subprocess.run(
            [self._scripts / "rabbitmqctl", "--quiet", *arguments],
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        ).stdout

    def add_vhost(self, name: str) -> str:
        """Make a virtual host, a broker of its own for a test, and return its URL."""
        self.control("add_vhost", name)
        self.control("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
        return self.vhost_url(name)

    def _environment(self) -> dict[str, str]:
        folder = self._folder
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_QUIET_SCHEDULERS} {_LOOPBACK_ONLY}",
            # The script then becomes the Erlang machine, so that our child is the node itself.
            "RUNNING_UNDER_SYSTEMD": "true",
        }


def _speaks_amqp(port: int) -> bool:
    """Whether a greeting is answered by Connection.Start, a method frame."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            connection.sendall(_GREETING)
            return connection.recv(1) == b"\x01"
    except OSError:
        return False


@contextmanager
def session_node() -> Iterator[RabbitNode]:
    """The node that a test session shares."""
    with scratch_folder("rabbitmq") as folder:
        node = RabbitNode(folder)
        try:
            asyncio.run(node.start())
            yield node
        finally:
            asyncio.run(node.close())
