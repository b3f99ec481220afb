"""A mail server that takes everything at once and forgets it, so that only senders are measured.

`python -m bench.programs.sink PORT [CERTIFICATE]`, with the certificate over TLS from the start.
"""

import asyncio
import ssl
import sys
from typing import cast

import uvloop
from typing_extensions import override

from portal.ports import LOOPBACK

_END = b"\r\n.\r\n"


class _Sink(asyncio.Protocol):
    """One connection: command lines are answered one by one, a mail's text by its end."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._seen = b""
        self._is_text = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"220 sink\r\n")

    @override
    def data_received(self, data: bytes) -> None:
        self._seen += data
        while self._next():
            pass

    def _next(self) -> bool:
        mark = _END if self._is_text else b"\r\n"
        line, found, rest = self._seen.partition(mark)
        if not found:
            return False
        self._seen = rest
        if self._is_text:
            self._is_text = False
            self._say(b"250 taken\r\n")
        else:
            self._answer(line[:4].upper())
        return True

    def _answer(self, command: bytes) -> None:
        if command == b"DATA":
            self._is_text = True
            self._say(b"354 go on\r\n")
        elif command == b"QUIT":
            self._say(b"221 bye\r\n")
            assert self._transport is not None
            self._transport.close()
        elif command == b"EHLO":
            self._say(b"250-sink\r\n250 PIPELINING\r\n")
        else:
            self._say(b"250 ok\r\n")

    def _say(self, answer: bytes) -> None:
        assert self._transport is not None
        self._transport.write(answer)


async def main(port: int, certificate: str | None) -> None:
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Sink, LOOPBACK, port, ssl=tls)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))  # noqa: PLR2004
