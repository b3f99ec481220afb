"""What comes over the wire from a service: each way to frame an answer, and none that is false."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from services.gateway.clients import wire
from services.gateway.clients.wire import Answer, FullError, LongError, LostError, SlowError, Wire
from services.gateway.domain.room import LARGE_BYTES, Room

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass
class Raw:
    """A server that reads a request and writes what it was told, byte for byte."""

    says: list[bytes] = field(default_factory=list)
    """For each request in turn; an empty one means silence."""
    ends: bool = False
    """Whether the connection ends after each answer."""
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                said = self.says.pop(0)
                if said:
                    writer.write(said)
                    await writer.drain()
                if self.ends:
                    break
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A server that handles every connection so, and its address."""
    writers: list[asyncio.StreamWriter] = []

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await handle(reader, writer)

    server = await asyncio.start_server(handled, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def raw() -> AsyncIterator[Raw]:
    served = Raw()
    async with serving(served.serve) as url:
        served.url = url
        yield served


@pytest.fixture
def line(raw: Raw) -> Wire:
    return Wire(raw.url, Room(1_000_000))


async def ask(line: Wire, method: str = "GET", body: bytes | None = None) -> Answer:
    headers = [("Accept", "*/*")]
    return await line.ask(method, "/v1/me", headers, body, seconds=2, silent_seconds=0.3)


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (HELLO, 200, b"hello"),
        (
            CHUNKED + b"3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
            200,
            b"hello",
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HELLO, 200, b"hello"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HELLO, 200, b"hello"),
    ],
    ids=["length", "chunks", "none", "not modified", "continue", "early hints"],
)
async def test_an_answer_is_read_however_it_is_framed_and_the_connection_goes_on(
    raw: Raw, line: Wire, said: bytes, status: int, body: bytes
) -> None:
    raw.says = [said, said]

    answers = [await ask(line), await ask(line)]

    assert [(answer.status, answer.body) for answer in answers] == [(status, body)] * 2
    assert not any(name == "Link" for answer in answers for name, _ in answer.headers)
    assert raw.connections == 1
    line.close()


async def test_an_answer_in_single_bytes_is_the_same_answer() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for byte in HELLO:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.005)
        writer.close()

    async with serving(drip) as url:
        answer = await ask(Wire(url, Room(0)))

    assert (answer.status, answer.headers) == (200, [("Content-Length", "5")])
    assert answer.body == b"hello"


async def test_an_answer_without_a_length_ends_with_its_connection(raw: Raw, line: Wire) -> None:
    raw.says, raw.ends = [b"HTTP/1.1 200 OK\r\n\r\nhello", HELLO], True

    answers = [await ask(line), await ask(line)]

    assert [answer.body for answer in answers] == [b"hello", b"hello"]
    assert raw.connections == 2


async def test_a_head_has_a_length_and_no_body(raw: Raw, line: Wire) -> None:
    raw.says = [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HELLO]

    head, got = await ask(line, "HEAD"), await ask(line)

    assert (head.status, head.body) == (200, b"")
    assert got.body == b"hello"
    line.close()


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        CHUNKED + b"zz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * wire.HEAD_BYTES * 2,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["both lengths", "two lengths", "no number", "no chunk", "endless", "upgrade", "no http"],
)
async def test_what_two_readers_would_read_differently_is_no_answer(
    raw: Raw, line: Wire, said: bytes
) -> None:
    raw.says = [said, HELLO]

    with pytest.raises(LostError):
        await ask(line)
    after = await ask(line)

    assert after.body == b"hello"
    assert raw.connections == 2
    line.close()


async def test_an_answer_that_is_too_long_is_given_up(
    raw: Raw, line: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ANSWER_BYTES", 1000)
    raw.says = [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 2000]

    with pytest.raises(LongError):
        await ask(line)


async def test_large_answers_are_read_while_there_is_room_and_give_it_back(raw: Raw) -> None:
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n" + b"x" * 600_000
    raw.says, room = [large, large, large, HELLO], Room(700_000)
    line = Wire(raw.url, room)

    first = await ask(line)
    assert room.take(200_000)
    with pytest.raises(FullError):
        await ask(line)
    room.give_back(200_000)
    again, small = await ask(line), await ask(line)

    assert [len(answer.body) for answer in (first, again, small)] == [600_000, 600_000, 5]
    assert room.left == 700_000
    assert LARGE_BYTES < 600_000
    line.close()


async def test_a_second_answer_to_one_request_is_nobodys(raw: Raw, line: Wire) -> None:
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    raw.says = [HELLO + forged, HELLO]

    answers = [await ask(line), await ask(line)]

    assert [answer.body for answer in answers] == [b"hello", b"hello"]
    assert raw.connections == 2
    line.close()


async def test_what_comes_unasked_on_a_waiting_connection_ends_it() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO)
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
        await reader.read()
        writer.close()

    async with serving(chatter) as url:
        line = Wire(url, Room(0))
        first = await ask(line)
        await asyncio.sleep(0.1)
        second = await ask(line)
        line.close()

    assert (first.body, second.body) == (b"hello", b"hello")


async def test_one_that_is_asked_to_close_is_not_asked_again(raw: Raw, line: Wire) -> None:
    raw.says = [HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), HELLO]

    for _ in range(2):
        await ask(line)

    assert raw.connections == 2
    line.close()


async def test_silence_is_slow_and_ends_the_connection(raw: Raw, line: Wire) -> None:
    raw.says = [b"", HELLO]

    with pytest.raises(SlowError):
        await ask(line)
    after = await ask(line)

    assert after.body == b"hello"
    assert raw.connections == 2
    line.close()


async def test_whoever_stops_waiting_takes_the_connection_along(raw: Raw, line: Wire) -> None:
    raw.says = [b"", HELLO]

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await ask(line)
    after = await ask(line)

    assert after.body == b"hello"
    assert raw.connections == 2
    line.close()


async def test_at_once_each_has_a_connection_and_later_they_are_used_again(
    raw: Raw, line: Wire
) -> None:
    raw.says = [HELLO] * 20

    for _ in range(2):
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(ask(line))

    assert raw.connections == 10
    line.close()


@pytest.mark.parametrize(
    ("method", "body", "sent"),
    [("GET", None, False), ("POST", None, True), ("POST", b"{}", True)],
    ids=["reading", "nothing", "something"],
)
async def test_the_service_is_told_how_long_a_body_is(
    raw: Raw, line: Wire, method: str, body: bytes | None, *, sent: bool
) -> None:
    raw.says = [HELLO]

    await ask(line, method, body)

    expected = f"Content-Length: {len(body or b'')}\r\n".encode()
    assert (expected in raw.heads[0]) is sent
    assert raw.heads[0].startswith(f"{method} /v1/me HTTP/1.1\r\nHost: 127.0.0.1:".encode())
    line.close()


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("/v1/me", "a\r\nX-Other: b"),
        ("/v1/me", "a\nb"),
        ("/v1/me", "a\0"),
        ("/v1/me HTTP/1.1\r\nX: y", "a"),
        ("/v1/me HTTP/1.0", "a"),
    ],
)
async def test_nothing_that_is_handed_on_begins_another_line(
    raw: Raw, line: Wire, target: str, value: str
) -> None:
    with pytest.raises(ValueError, match="read as another one"):
        await line.ask("GET", target, [("X", value)], None, seconds=1, silent_seconds=1)

    assert raw.connections == 0
