"""Pages and documents come packed to whoever takes them so; each form has a tag of its own."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from importlib import resources
from typing import TypeAlias

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.handlers.pages import add_pages
from tests.service.gateway_pages.conftest import deps_of
from tests.service.gateway_pages.test_pages import HTML_PAGES

Raw: TypeAlias = TestClient[web.Request, web.Application]
PACKED = [*HTML_PAGES, "/assets/portal.css", "/assets/link.js", "/openapi.json"]
KEPT = ["/", "/docs", "/assets/portal.css", "/assets/link.js", "/openapi.json"]
DOCUMENT = resources.files("services.gateway").joinpath("openapi.json").read_bytes()


@pytest.fixture
async def raw() -> AsyncIterator[Raw]:
    """A client that says nothing by itself and unpacks nothing, before the real document."""
    app = web.Application()
    add_pages(app, deps_of(DOCUMENT))
    skipped = ["Accept-Encoding"]
    async with TestClient(
        TestServer(app), auto_decompress=False, skip_auto_headers=skipped
    ) as client:
        yield client


async def get(raw: Raw, path: str, **headers: str) -> tuple[ClientResponse, bytes]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await raw.get(path, headers=sent)
    return answer, await answer.read()


@pytest.mark.parametrize("path", PACKED)
async def test_it_is_packed_for_whoever_takes_it_so_and_the_same_for_all(
    raw: Raw, path: str
) -> None:
    plain, body = await get(raw, path)
    refusing, same = await get(raw, path, Accept_Encoding="gzip;q=0, br")
    packed, less = await get(raw, path, Accept_Encoding="br, gzip;q=0.5")

    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refusing.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(less) == body == same
    assert packed.headers["Content-Length"] == str(len(less))
    for answer in (plain, refusing, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.headers["Content-Type"] == plain.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
async def test_a_document_is_less_than_an_eighth_of_its_size(raw: Raw, path: str) -> None:
    _, body = await get(raw, path)
    _, packed = await get(raw, path, Accept_Encoding="gzip")

    assert len(packed) * 8 < len(body)


@pytest.mark.parametrize("path", KEPT)
async def test_each_form_has_a_tag_of_its_own_and_is_not_sent_twice(raw: Raw, path: str) -> None:
    plain, _ = await get(raw, path)
    packed, _ = await get(raw, path, Accept_Encoding="gzip")
    tags = plain.headers["ETag"], packed.headers["ETag"]

    known, nothing = await get(raw, path, Accept_Encoding="gzip", If_None_Match=tags[1])
    weakly, _ = await get(raw, path, Accept_Encoding="gzip", If_None_Match=f'"x", W/{tags[1]}')
    other, _ = await get(raw, path, Accept_Encoding="gzip", If_None_Match=tags[0])
    whatever, _ = await get(raw, path, If_None_Match="*")

    assert tags[0] != tags[1]
    assert [answer.status for answer in (known, weakly, other, whatever)] == [304, 304, 200, 304]
    assert nothing == b""
    assert "Content-Encoding" not in known.headers
    for name in ("ETag", "Vary", "Cache-Control"):
        assert known.headers[name] == packed.headers[name]


@pytest.mark.parametrize("path", ["/reset-password", "/accept-invitation"])
async def test_a_page_behind_a_link_packs_to_the_same_length_whatever_is_asked_with_it(
    raw: Raw, path: str
) -> None:
    one, shorter = await get(raw, path, Accept_Encoding="gzip")
    other, longer = await get(raw, f"{path}?token=abc&x={'y' * 500}", Accept_Encoding="gzip")

    assert shorter == longer
    assert "ETag" not in one.headers
    assert other.headers["Cache-Control"] == "no-store"


async def test_slow_readers_of_a_large_document_hold_no_copies_of_it(raw: Raw) -> None:
    head = b"GET /docs HTTP/1.1\r\nHost: a\r\n\r\n"
    readers = [await asyncio.open_connection(raw.host, raw.port, limit=1024) for _ in range(20)]
    tracemalloc.start()
    for reader, writer in readers:
        writer.write(head)
        assert (await reader.read(1024)).startswith(b"HTTP/1.1 200 OK")
    await asyncio.sleep(0.2)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for _, writer in readers:
        writer.transport.abort()

    assert held < 20 * 300_000


async def test_what_is_small_comes_as_it_is(raw: Raw) -> None:
    answer, body = await get(raw, "/favicon.svg", Accept_Encoding="gzip")

    assert body.startswith(b"<svg")
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers
