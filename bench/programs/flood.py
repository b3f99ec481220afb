"""Sends GETs as fast as they are answered, whatever the answer is, until it is stopped."""

import asyncio
import sys
from urllib.parse import urlsplit

import uvloop


async def flood(url: str, token: str, connections: int) -> None:
    to = urlsplit(url)
    request = (
        f"GET {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n"
    ).encode()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_one(to.hostname or "", to.port or 0, request))


async def _one(host: str, port: int, request: bytes) -> None:
    while True:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            while True:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()


if __name__ == "__main__":
    uvloop.run(flood(sys.argv[1], sys.argv[2], int(sys.argv[3])))
