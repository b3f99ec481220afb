"""The Reseller Portal is away, broken, or not what it should be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.support.auth import ANYBODY
from tests.support.federation import REFUSED, START, World, begin


def too_large() -> web.Response:
    return web.Response(body=b"[" + b" " * 300_000 + b"]", content_type="application/json")


def refusal(error: str, status: int) -> Callable[[], web.Response]:
    return lambda: web.json_response({"error": error}, status=status)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        pytest.param(lambda: web.Response(status=500), 503, id="broken"),
        pytest.param(refusal("invalid_client", 401), 503, id="refuses-us"),
        pytest.param(refusal("invalid_grant", 400), 401, id="refuses-the-code"),
        pytest.param(lambda: web.json_response([]), 503, id="no-object"),
        pytest.param(lambda: web.Response(text="[" * 100_000), 503, id="deep"),
        pytest.param(too_large, 503, id="too-large"),
        pytest.param(lambda: web.Response(status=302, headers={"Location": "/"}), 503, id="moved"),
        pytest.param(lambda: web.json_response({"access_token": "x"}), 401, id="no-id-token"),
        pytest.param(lambda: web.json_response({"id_token": 1}), 401, id="no-text"),
    ],
)
async def test_whatever_the_token_endpoint_says_is_a_dull_refusal(
    world: World, answer: Callable[[], web.StreamResponse], status: int
) -> None:
    world.issuer.token_answer = answer

    refused = await (await begin(world.auth, world.issuer)).come_back()

    assert refused.status == status
    expected = REFUSED if status == 401 else "reseller_portal_unavailable"
    assert refused.body["code"] == expected
    assert await world.sessions() == 0


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"issuer": "https://another.example"}, id="another-issuer"),
        pytest.param({"issuer": None}, id="no-issuer"),
        pytest.param({"token_endpoint": None}, id="no-token-endpoint"),
        pytest.param({"authorization_endpoint": "javascript:alert(1)"}, id="no-address"),
        pytest.param({"jwks_uri": "file:///etc/passwd"}, id="a-file"),
    ],
)
async def test_an_issuer_that_is_not_what_it_should_be_is_as_good_as_away(
    world: World, metadata: dict[str, Any]
) -> None:
    world.issuer.metadata = metadata

    start = await world.auth.get(START, as_=ANYBODY, allow_redirects=False)

    assert (start.status, start.body["code"]) == (503, "reseller_portal_unavailable")
    assert start.headers["Retry-After"] == "5"
    assert "Set-Cookie" not in start.headers


async def test_an_issuer_that_does_not_answer_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an issuer that has gone quiet since somebody went there
    begun = await begin(world.auth, world.issuer)
    monkeypatch.setattr("services.auth.clients.issuer_http.CALL_SECONDS", 0.1)
    world.issuer.silent_seconds = 2

    answer = await begun.come_back()

    assert (answer.status, answer.body["code"]) == (503, "reseller_portal_unavailable")


async def test_a_browser_that_finds_it_away_is_led_to_the_portals_page(world: World) -> None:
    world.issuer.metadata = {"issuer": None}

    start = await world.auth.get(
        START, as_=ANYBODY, allow_redirects=False, headers={"Accept": "text/html"}
    )

    assert (start.status, start.headers["Location"]) == (302, "/#reseller_portal_unavailable")


async def test_an_issuer_that_is_away_is_asked_once_in_a_while(world: World) -> None:
    # given an issuer whose metadata can't be had
    world.issuer.is_broken = True

    # when many want to go there
    for _ in range(5):
        assert (await world.auth.get(START, as_=ANYBODY)).status == 503

    # then it was asked once, and a little later again
    assert len(world.issuer.asked) == 1
    world.issuer.is_broken = False
    world.auth.now.advance(timedelta(seconds=5))
    assert (await world.auth.get(START, as_=ANYBODY, allow_redirects=False)).status == 302
