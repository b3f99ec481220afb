"""Bytes that no honest client sends: paths, framing, headers."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.gateway.handlers import door
from shared import bodies
from tests.service.gateway.world import TENANT, World


def _get(target: str, *headers: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", "Host: portal.test", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _post(*headers: str, body: str = "{}") -> bytes:
    lines = ["POST /v1/login HTTP/1.1", "Host: portal.test", "Connection: close"]
    lines += ["Content-Type: application/json", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _problem(answer: bytes) -> Any:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"Server: portal" in head
    return json.loads(body)


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/tenants/{TENANT}%2Fusers",
        f"/v1/tenants/{TENANT}%2f..%2f200001.sms",
        "/v1/tenants/%2e%2e/me",
        "/v1/tenants/..%2f..%2finternal%2fsessions%2fs",
        f"/v1/tenants/{TENANT}%00",
        f"/v1/tenants/{TENANT}%0a",
        f"/v1/tenants/{TENANT}%5cusers",
        "/v1/%6de",
        "//v1/me",
        "/v1//me",
        "/v1/../v1/me",
        "/v1/tenants/../me",
        "/v1/./me",
        "/v1/me/",
        "/v1/me/.",
        "/v1/me/..",
        "/../v1/me",
        "/v1/me/../../internal/sessions/s",
        "/v1\\me",
        "/v1/me;a=b",
        "/v1/me%",
        "/v1/me%zz",
        "/internal/sessions/session-1",
        "/internal/places/vendor?org=vendor",
        "/metrics",
        "/readyz",
        "/v1/tenants/" + "9" * 4000 + ".sms",
        "http://evil.test/v1/me",
        "http://127.0.0.1/internal/sessions/session-1",
        "*",
        "v1/me",
        "evil.test:80",
    ],
)
async def test_a_path_that_plays_tricks_reaches_no_service(world: World, path: str) -> None:
    answer = await world.raw(_get(path, f"Authorization: Bearer {world.token()}"))

    assert _status(answer) in {400, 404}
    assert b"application/problem+json" in answer
    assert world.handed_on == []
    assert world.tenancy.asked("/internal") == 0
    assert TENANT.encode() not in answer


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(_post("Content-Length: 2", "Transfer-Encoding: chunked"), id="CL and TE"),
        pytest.param(_post("Transfer-Encoding: chunked", "Content-Length: 2"), id="TE and CL"),
        pytest.param(_post("Content-Length: 2", "Content-Length: 2"), id="equal CL twice"),
        pytest.param(_post("Content-Length: 2", "Content-Length: 3"), id="two lengths"),
        pytest.param(_post("Content-Length: +2"), id="signed length"),
        pytest.param(_post("Content-Length: 2, 2"), id="list of lengths"),
        pytest.param(_post("Content-Length: -1"), id="negative length"),
        pytest.param(_post("Transfer-Encoding: xchunked"), id="unknown coding"),
        pytest.param(_post("Transfer-Encoding: chunked, identity"), id="chunked not last"),
        pytest.param(_post("Content-Length : 2"), id="space before colon"),
        pytest.param(_post("Content-Length: 2", " folded: 1"), id="folded line"),
        pytest.param(_get("/v1/me").replace(b"\r\n", b"\n"), id="bare LF"),
        pytest.param(_get("/v1/me", "Host: evil.test"), id="two hosts"),
        pytest.param(_get("/v1/me", "X-A: a\0b"), id="NUL in a header"),
        pytest.param(_get("/v1/me", "X-A: a\rb: c"), id="bare CR"),
        pytest.param(_get("/v1/me", "X(A): a"), id="no token as name"),
        pytest.param(_get("/v1/me", "X-A: " + "a" * 9000), id="long header"),
        pytest.param(_get("/v1/me?" + "a" * 9000), id="long target"),
        pytest.param(_get("/v1/me", *(f"X-{n}: a" for n in range(200))), id="many headers"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2 preface"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS hello"),
    ],
)
async def test_a_request_that_two_readers_would_read_differently_is_refused(
    world: World, request_: bytes
) -> None:
    answer = await world.raw(request_)

    assert _status(answer) == 400
    assert _problem(answer)["code"] == "malformed_request"
    assert b"X-Content-Type-Options: nosniff" in answer
    assert b"Content-Security-Policy: default-src 'none'" in answer
    assert world.handed_on == []


async def test_a_body_that_is_not_coded_as_it_says_is_refused(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await world.raw(_post("Content-Length: 2", "Content-Encoding: gzip"))

    assert _status(answer) == 400
    assert _problem(answer)["code"] == "body_broken"
    assert "exception" not in capsys.readouterr().err.lower()
    assert world.handed_on == []


async def test_a_client_that_leaves_amid_its_body_is_no_failure_of_the_portal(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await world.raw(_post("Content-Length: 200", body='{"username'), patience_seconds=0.2)
    async with asyncio.timeout(5):
        while 'route="/v1/login"' not in (seen := await _measured(world)):
            await asyncio.sleep(0.02)

    assert answer == b""
    assert 'status="500"' not in seen
    assert "request_failed" not in capsys.readouterr().err
    assert world.handed_on == []


async def _measured(world: World) -> str:
    async with world.http.get(f"{world.ops_url}/metrics") as response:
        return await response.text()


async def test_nothing_after_a_refused_request_is_taken_for_another_one(world: World) -> None:
    smuggled = _post("Content-Length: 4", "Transfer-Encoding: chunked", body="0\r\n\r\n")

    answer = await world.raw(smuggled + _post("Content-Length: 2"))

    assert answer.count(b"HTTP/1.") == 1
    assert world.handed_on == []


async def test_what_the_parser_refuses_repeats_no_credential(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    canary = "canary-5f1c"

    answer = await world.raw(_get("/v1/me", f"Authorization: Bearer {canary}\0"))

    assert _status(answer) == 400
    assert canary not in capsys.readouterr().err
    assert canary.encode() not in answer


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("HEAD", "/v1/me", "GET, PATCH"),
        ("OPTIONS", "/v1/password/reset", "POST"),
        ("PUT", "/v1/password/reset", "POST"),
        ("TRACE", "/v1/me", "GET, PATCH"),
        ("DELETE", f"/v1/tenants/{TENANT}", "GET, PATCH"),
        ("PROPFIND", "/v1/me", "GET, PATCH"),
    ],
)
async def test_a_method_that_a_path_does_not_know_is_told_those_it_does(
    world: World, method: str, path: str, allowed: str
) -> None:
    answer = await world.as_admin(method, path)

    assert answer.status == 405
    assert answer.headers["Allow"] == allowed
    assert answer.body is None or answer.body["code"] == "method_not_allowed"
    assert world.handed_on == []


async def test_a_body_that_stalls_is_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.2)

    answer = await world.raw(_post("Content-Length: 10"), patience_seconds=0.6)

    assert _status(answer) == 408
    assert _problem(answer)["code"] == "body_too_slow"
    assert world.handed_on == []


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "chunked"])
async def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not(
    world: World, *, is_chunked: bool
) -> None:
    limit = bodies.BODY_LIMIT

    async def parts(size: int) -> object:
        yield b"x" * size

    def body(size: int) -> object:
        return parts(size) if is_chunked else b"x" * size

    fits = await world.call("POST", "/v1/login", data=body(limit))
    large = await world.call("POST", "/v1/login", data=body(limit + 1))

    assert fits.status == 200
    assert large.refusal == (413, "body_too_large")
    assert [len(seen.body) for seen in world.handed_on] == [limit]


@pytest.mark.parametrize("path", ["/v1/login", "/", "/healthz"])
@pytest.mark.parametrize("expected", ["nonsense", "200-ok", "100-continue, nonsense"])
async def test_an_expectation_that_nobody_knows_is_ignored_and_no_version_told(
    world: World, path: str, expected: str
) -> None:
    answer = await world.raw(_get(path, f"Expect: {expected}"))

    assert _status(answer) in {200, 405}
    assert b"aiohttp" not in answer
    assert b"Server: portal" in answer


async def test_who_waits_before_it_sends_its_body_is_told_to_go_on(world: World) -> None:
    answer = await world.raw(_post("Expect: 100-continue", "Content-Length: 2"))

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert [seen.body for seen in world.handed_on] == [b"{}"]


async def test_two_requests_on_one_connection_keep_to_themselves(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(world.url).port)
    first = _get("/v1/me", f"Authorization: Bearer {world.token()}").replace(
        b"Connection: close\r\n", b""
    )

    writer.write(first + _get("/v1/me"))
    async with asyncio.timeout(5):
        answers = await reader.read()
    writer.close()

    assert [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]] == [200, 401]


async def test_the_measurements_are_not_for_the_public(world: World) -> None:
    outside = [(await world.call("GET", path)).status for path in ("/metrics", "/readyz")]
    inside = await _measured(world)

    assert outside == [404, 404]
    assert "portal_http_requests_total" in inside


async def test_bytes_that_are_no_text_reach_a_service_as_text(world: World) -> None:
    headers = ("Content-Length: 2", "User-Agent: \xff\xfe", "Cookie: portal_refresh=\xff")

    await world.raw(_post(*headers))

    (seen,) = world.auth.public
    assert seen.header("User-Agent") == "\ufffd\ufffd"
    assert seen.header("Cookie") == "portal_refresh=\ufffd"
