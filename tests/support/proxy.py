"""A TCP proxy between a program and a server, whose wires a test may cut or hold."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from portal.ports import LOOPBACK


class Proxy:
    """Stands on a port of its own and hands on what it is sent, both ways."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._writers = set[asyncio.StreamWriter]()
        self._may_answer = asyncio.Event()
        self._may_answer.set()
        self.port = 0
        self.cuts = 0
        """How many connections were cut."""
        self.bytes_asked = 0

    def cut(self) -> None:
        """End all connections at once, with a reset, in the midst of what they carry."""
        self.cuts += len(self._writers) // 2
        for writer in self._writers:
            writer.transport.abort()

    def hold(self) -> None:
        """From now on the server hears all and is not heard: its bytes wait here."""
        self._may_answer.clear()

    def release(self) -> None:
        self._may_answer.set()

    async def ended(self) -> None:
        """Wait until no connection is left."""
        async with asyncio.timeout(5):
            while self._writers:
                await asyncio.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client's connection, until either side has ended it."""
        try:
            there, to_server = await asyncio.open_connection(LOOPBACK, self._target_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, to_server}
        self._writers |= ends
        try:
            await asyncio.wait(
                {
                    asyncio.create_task(self._asked(reader, to_server)),
                    asyncio.create_task(self._answered(there, writer)),
                }
            )
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _asked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                self.bytes_asked += len(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._may_answer.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def proxied(target_port: int) -> AsyncIterator[Proxy]:
    """A proxy to this port of the loopback, until the context ends."""
    proxy = Proxy(target_port)
    server = await asyncio.start_server(proxy.serve, LOOPBACK, 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.release()
        proxy.cut()
        server.close()
        await proxy.ended()
