"""A TCP connection that a test can cut: between one process and whatever it speaks to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from portal.ports import LOOPBACK


class Cable:
    """Carries everything to and fro until it is cut; afterwards nobody connects any more."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def lay(self) -> str:
        """The URL to use instead of the one that it leads to."""
        self._server = await asyncio.start_server(self._carry, LOOPBACK, 0)
        port = self._server.sockets[0].getsockname()[1]
        who = self._to.netloc.rpartition("@")[0]
        return self._to._replace(netloc=f"{who}@{LOOPBACK}:{port}".lstrip("@")).geturl()

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.transport.abort()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._ends |= {writer, there[1]}
        for source, target in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(_pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
    target.close()


@asynccontextmanager
async def a_cable(url: str) -> AsyncIterator[tuple[Cable, str]]:
    """A cable to this address, and the URL of its near end."""
    cable = Cable(url)
    near = await cable.lay()
    try:
        yield cable, near
    finally:
        await cable.cut()
