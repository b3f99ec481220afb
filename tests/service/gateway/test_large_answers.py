"""Answers that are large: bounded each, bounded together, and no slow reader's to keep."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from services.gateway import app
from services.gateway.clients import wire
from services.gateway.domain.room import LARGE_BYTES
from services.gateway.handlers import parts
from tests.service.gateway.world import TENANT, Handler, World, a_world

PRODUCTS, LICENCES = "/v1/products", f"/v1/tenants/{TENANT}/licences"
MIB = 1024 * 1024


def of_size(size: int) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * size, headers={"X-Kind": "export"})

    return answer


async def slow_reader(world: World, path: str = PRODUCTS) -> tuple[bytes, asyncio.StreamWriter]:
    """Somebody whose answer has begun and who takes no more of it."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", urlsplit(world.url).port, limit=1024
    )
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {world.token()}\r\n\r\n"
    writer.write(head.encode())
    return await reader.read(1024), writer


async def test_a_large_answer_comes_whole(world: World) -> None:
    world.licensing.answers[PRODUCTS] = of_size(20 * MIB)

    token = {"Authorization": f"Bearer {world.token()}"}
    async with world.http.get(world.url + PRODUCTS, headers=token) as response:
        body = await response.read()

    assert (response.status, body) == (200, b"x" * 20 * MIB)
    assert response.headers["Content-Length"] == str(20 * MIB)
    assert response.headers["X-Kind"] == "export"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "RateLimit" in response.headers


async def test_an_answer_that_is_too_large_is_told_so_and_harms_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "ANSWER_BYTES", 1000)
    world.licensing.answers[PRODUCTS] = of_size(3000)

    refused = [(await world.as_admin("GET", PRODUCTS)).refusal for _ in range(8)]
    other = await world.as_admin("GET", LICENCES)

    assert set(refused) == {(502, "answer_too_large")}
    assert world.licensing.asked(PRODUCTS) == 8, "asked again it would be as large"
    assert other.status == 200, "the service is there"


async def test_slow_readers_fill_no_more_than_the_room_there_is_and_give_it_back() -> None:
    async with a_world(answers_mib=128) as world:
        world.licensing.answers[PRODUCTS] = of_size(50 * MIB)
        world.licensing.answers[LICENCES] = of_size(LARGE_BYTES // 2)

        held = [await slow_reader(world) for _ in range(2)]
        refused = await world.as_admin("GET", PRODUCTS)
        small = await world.as_admin("GET", LICENCES)
        held[0][1].transport.abort()
        await asyncio.sleep(0.1)
        again = await world.as_admin("GET", PRODUCTS)
        held[1][1].transport.abort()

    assert {head[:15] for head, _ in held} == {b"HTTP/1.1 200 OK"}
    assert refused.refusal == (503, "service_busy")
    assert refused.headers["Retry-After"] == "1"
    assert (small.status, again.status) == (200, 200)


async def test_who_takes_too_long_over_a_large_answer_is_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "TAKEN_SECONDS", 0.3)
    world.licensing.answers[PRODUCTS] = of_size(50 * MIB)

    _, writer = await slow_reader(world)
    async with asyncio.timeout(5):
        with suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)

    again = await world.as_admin("GET", LICENCES)
    assert again.status == 200


async def test_one_organisation_takes_so_many_large_answers_at_once_and_others_go_on(
    world: World,
) -> None:
    world.licensing.answers[PRODUCTS] = of_size(8 * MIB)

    held = [await slow_reader(world) for _ in range(app.LARGE_AT_ONCE)]
    refused = await world.as_admin("GET", PRODUCTS)
    world.org = "200001.sms"
    other = await world.as_admin("GET", PRODUCTS)
    for _, writer in held:
        writer.close()

    assert refused.refusal == (429, "too_many_at_once")
    assert other.status == 200


async def test_our_own_client_unpacks_nothing_and_gets_documents_as_they_are(world: World) -> None:
    document = await world.call("GET", "/openapi.json")

    assert document.body["openapi"].startswith("3.1")
    assert "Content-Encoding" not in document.headers
