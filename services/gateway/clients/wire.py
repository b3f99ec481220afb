"""HTTP/1.1 to one address behind the gateway: connections that are kept, a request each at a time.

A general client does much for every request that is done once here, or never: the address doesn't
change, there are no cookies, redirects or proxies, and an answer is handed on whole. The parser is
llhttp, by httptools.
"""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser
from typing_extensions import override

from services.gateway.domain.room import LARGE_BYTES, Room
from shared.http_client import CONNECT_SECONDS, KEEP_ALIVE_SECONDS

HEAD_BYTES: Final = 64 * 1024
ANSWER_BYTES: Final = 64 * 1024 * 1024
_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class AwayError(Exception):
    """No connection came about, so nothing was sent."""


class SlowError(Exception):
    """No answer in time; whoever was asked may still be at it."""


class LostError(Exception):
    """The connection ended before the answer did, or what came was none."""


class LongError(Exception):
    """An answer that is longer than any may be; asked again, it would be as long."""


class FullError(Exception):
    """A large answer for which there is no room just now."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Wire:
    """One address, and the connections to it that wait for the next request.

    How many requests are under way at once is for the caller to limit.
    """

    def __init__(self, base: str, room: Room) -> None:
        self._room = room
        url = urlsplit(base)
        self._tls = ssl.create_default_context() if url.scheme == "https" else None
        self._host = url.hostname or ""
        self._port = url.port or (443 if self._tls else 80)
        self._name = url.netloc.rpartition("@")[2]
        self._path = url.path.rstrip("/")
        self._idle: deque[tuple[_Connection, float]] = deque()

    async def ask(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        *,
        seconds: float,
        silent_seconds: float,
    ) -> Answer:
        """The answer within so many seconds, and never longer silent than that."""
        request = _written(method, self._path + target, self._name, headers, body)
        connection = self._waiting() or await self._connect()
        try:
            return await connection.ask(
                request, is_head=method == "HEAD", seconds=seconds, silent_seconds=silent_seconds
            )
        finally:
            if connection.is_usable:
                self._keep(connection)

    def close(self) -> None:
        """End the connections that nobody uses."""
        while self._idle:
            self._idle.pop()[0].close()

    def _waiting(self) -> "_Connection | None":
        """The connection that was used last, as it is the least likely to have been given up."""
        self._clear_out()
        while self._idle:
            connection, _ = self._idle.pop()
            if connection.is_usable:
                return connection
        return None

    def _keep(self, connection: "_Connection") -> None:
        self._idle.append((connection, asyncio.get_running_loop().time()))

    def _clear_out(self) -> None:
        oldest = asyncio.get_running_loop().time() - KEEP_ALIVE_SECONDS
        while self._idle and self._idle[0][1] < oldest:
            self._idle.popleft()[0].close()

    async def _connect(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._room), self._host, self._port, ssl=self._tls
                )
        except (OSError, TimeoutError) as error:
            raise AwayError from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection, with one request under way or none."""

    def __init__(self, room: Room) -> None:
        self.is_usable = False
        self._room = room
        self._room_taken = 0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None
        self._is_head = self._has_head = False
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._size = 0
        self._heard_at = self._until = self._silent_seconds = 0.0

    async def ask(
        self, request: bytes, *, is_head: bool, seconds: float, silent_seconds: float
    ) -> Answer:
        assert self._transport is not None, "a connection is made before it is used"
        self.is_usable, self._is_head = False, is_head
        self._forget()
        self._size = 0
        self._heard_at = self._loop.time()
        self._until, self._silent_seconds = self._heard_at + seconds, silent_seconds
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._answer = answer
        self._watch = self._loop.call_at(self._limit(), self._look_at_the_clock)
        self._transport.write(request)
        try:
            return await answer
        finally:
            self._answer = None
            self._watch.cancel()
            self._room.give_back(self._room_taken)
            self._room_taken = 0
            if not self.is_usable:
                self.close()

    def close(self) -> None:
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has no class to ask for
        self.is_usable = True

    @override
    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.close()  # nobody asked
            return
        self._heard_at = self._loop.time()
        self._size += len(data)
        if self._size > ANSWER_BYTES:
            self._fail(LongError())
        elif self._size > LARGE_BYTES and not self._has_room():
            self._fail(FullError())
        else:
            self._read(data)

    def _has_room(self) -> bool:
        more = self._size - self._room_taken
        if not self._room.take(more):
            return False
        self._room_taken += more
        return True

    def _read(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(LostError(f"no answer: {type(error).__name__}"))
            return
        if self._size > HEAD_BYTES and not self._has_head:
            self._fail(LostError("too long a head"))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        was_to_end_so = self._has_head and not any(
            name.lower() in _FRAMING for name, _ in self._headers
        )
        if was_to_end_so and exc is None:
            self._end()
        self._fail(LostError("connection lost"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((_text(name), _text(value)))

    def on_headers_complete(self) -> None:
        self._has_head = True
        if self._is_head:
            self._end()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:  # noqa: PLR2004 the answer proper is yet to come
            self._forget()
            return
        self._end()
        self.is_usable = not self._is_head and self._parser.should_keep_alive()

    def on_message_begin(self) -> None:
        if self._answer is None or self._answer.done():
            raise LostError("an answer that nobody asked for")

    def _end(self) -> None:
        if self._answer is not None and not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Answer(status, self._headers, b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        self.is_usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def _forget(self) -> None:
        self._has_head, self._headers, self._body = False, [], []

    def _limit(self) -> float:
        return min(self._until, self._heard_at + self._silent_seconds)

    def _look_at_the_clock(self) -> None:
        """Whether it is time to give up; again later where something came meanwhile."""
        if self._answer is None or self._answer.done():
            return
        if self._loop.time() >= self._limit():
            self._fail(SlowError())
        else:
            self._watch = self._loop.call_at(self._limit(), self._look_at_the_clock)


def _written(
    method: str, target: str, host: str, headers: list[tuple[str, str]], body: bytes | None
) -> bytes:
    """The request as it is sent, or ValueError where a value would begin another line."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None or method not in _WITHOUT_BODY:
        lines.append(f"Content-Length: {len(body or b'')}")
    head = "\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count("\r") != breaks or head.count("\n") != breaks or "\0" in head or " " in target:
        raise ValueError("a request that would be read as another one")
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + (body or b"")


def _text(given: bytes) -> str:
    return given.decode("utf-8", "surrogateescape")
