"""Child processes that never outlive this one and don't hear the terminal's Ctrl-C."""

import asyncio
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from shared.clock import monotonic

Child: TypeAlias = "subprocess.Popen[bytes]"

_POLL_SECONDS: Final = 0.02


def spawn(
    command: Sequence[str | Path],
    output: Path,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Child:
    """Start a program whose stdout and stderr are appended to `output`.

    It gets a session of its own, so that Ctrl-C reaches us alone and we stop it in our order; and
    where `setpriv` exists (Linux) it gets SIGTERM when we die, however we die. The kernel takes the
    calling thread for the parent: call this in the main thread, never in a worker that ends.
    """
    setpriv = shutil.which("setpriv")
    bond = [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
    with output.open("ab") as sink:
        return subprocess.Popen(  # noqa: S603 - the callers' own fixed commands, no shell
            [*bond, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )


async def ended(child: Child, within_seconds: float) -> bool:
    """Wait for the child's end; False where it still runs after that time."""
    until = monotonic() + within_seconds
    while child.poll() is None:
        if monotonic() > until:
            return False
        await asyncio.sleep(_POLL_SECONDS)
    return True


async def stop(child: Child, grace_seconds: float) -> None:
    """Ask the child to end (SIGTERM); after the grace period it is killed."""
    if child.poll() is None:
        child.terminate()
        if not await ended(child, grace_seconds):
            await kill(child)


async def kill(child: Child) -> None:
    """End the child at once (SIGKILL), as a crash would."""
    if child.poll() is None:
        child.kill()
        await ended(child, 10)
