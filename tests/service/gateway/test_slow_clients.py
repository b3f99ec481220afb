"""Clients that send or read too slowly, and bodies that grow: none of them holds the door."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from services.gateway import app
from shared import listener
from shared.bodies import BODY_LIMIT
from shared.clock import monotonic
from tests.service.gateway.world import World, a_world

LARGE = 8 * 1024 * 1024


@pytest.fixture
async def brisk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A gateway with little patience."""
    monkeypatch.setattr(app, "IDLE_SECONDS", 0.5)
    monkeypatch.setattr(listener, "UNREAD_SECONDS", 0.5)
    async with a_world() as world:
        yield world


@pytest.mark.parametrize("first", [b"", b"GET /v1/login HTTP/1.1\r\nHost: a\r\n\r\n"])
async def test_a_head_that_comes_byte_by_byte_is_not_waited_for(brisk: World, first: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(brisk.url).port)
    writer.write(first)
    if first:
        assert await reader.read(1)
    begun = monotonic()

    async def drip() -> None:
        writer.write(b"GET /v1/me HTTP/1.1\r\nX-A: ")
        while not writer.is_closing():
            writer.write(b"a")
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(5):
            while await reader.read(65536):
                pass
    except ConnectionResetError:
        pass
    finally:
        writer.close()
        await dripping

    assert 0.3 < monotonic() - begun < 3


async def _large(_: web.Request) -> web.Response:
    return web.Response(body=b"x" * LARGE)


async def _begin_to_read(world: World) -> socket.socket:
    """A client whose window is small and that takes nothing yet."""
    world.auth.answers["/v1/login"] = _large
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    client.setblocking(False)  # noqa: FBT003 a positional argument of the socket
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", urlsplit(world.url).port))
    await loop.sock_sendall(client, b"GET /v1/login HTTP/1.1\r\nHost: portal.test\r\n\r\n")
    return client


async def _taken(client: socket.socket, at_once: int, pause_seconds: float) -> int:
    """How much came before the gateway hung up or it was all there."""
    taken, loop = 0, asyncio.get_running_loop()
    try:
        async with asyncio.timeout(20):
            while taken < LARGE and (part := await loop.sock_recv(client, at_once)):
                taken += len(part)
                await asyncio.sleep(pause_seconds)
    except ConnectionResetError:
        pass
    finally:
        client.close()
    return taken


async def test_an_answer_that_nobody_takes_is_not_kept(brisk: World) -> None:
    with capture_logs() as logs:
        client = await _begin_to_read(brisk)
        async with asyncio.timeout(20):
            while not any(log["event"] == "client_given_up" for log in logs):
                await asyncio.sleep(0.02)

    taken = await _taken(client, 65536, 0)

    assert taken < LARGE


async def test_who_reads_slowly_but_reads_gets_it_all(brisk: World) -> None:
    client = await _begin_to_read(brisk)
    begun = monotonic()

    taken = await _taken(client, 1024 * 1024, 0.005)

    assert taken >= LARGE
    assert monotonic() - begun > 2 * listener.UNREAD_SECONDS


async def test_a_body_that_grows_when_it_is_unpacked_is_too_large(brisk: World) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    assert len(bomb) < BODY_LIMIT
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    answer = await brisk.call("POST", "/v1/login", data=bomb, headers=headers)

    assert answer.refusal == (413, "body_too_large")
    assert brisk.handed_on == []
