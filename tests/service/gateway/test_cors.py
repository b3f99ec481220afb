"""Pages of other sites: those of the list may call and read, and nobody's cookie comes along."""

import pytest
from aiohttp import web

from tests.service.gateway.world import World, a_world

LISTED = "https://partner.example"
ME = "/v1/me"


def preflight(origin: str, method: str = "PATCH") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,if-match",
    }


def said(headers: object) -> set[str]:
    return {name for name in headers if name.startswith("Access-Control-")}  # type: ignore[attr-defined]


async def test_without_a_list_no_site_may_read_anything(world: World) -> None:
    asked = await world.call("OPTIONS", ME, headers=preflight(LISTED))
    answer = await world.as_admin("GET", ME, headers={"Origin": LISTED})

    assert asked.status == 405
    assert said(asked.headers) | said(answer.headers) == set()


async def test_a_site_of_the_list_may_call_and_read() -> None:
    async with a_world(cors_origins=f"{LISTED},https://other.example") as world:
        asked = await world.call("OPTIONS", ME, headers=preflight(LISTED))
        answer = await world.as_admin("GET", ME, headers={"Origin": LISTED})
        refused = await world.call("GET", ME, headers={"Origin": LISTED})
        handed_on = len(world.handed_on)

    assert (asked.status, asked.body) == (204, None)
    assert asked.headers["Access-Control-Allow-Origin"] == LISTED
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, PATCH"
    assert {"If-Match", "Last-Event-ID"} <= set(
        asked.headers["Access-Control-Allow-Headers"].split(", ")
    )
    for one in (asked, answer, refused):
        assert one.headers["Access-Control-Allow-Origin"] == LISTED
        assert "Origin" in one.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in one.headers
    assert handed_on == 1


@pytest.mark.parametrize(
    "origin",
    [
        "https://partner.example.evil",
        "http://partner.example",
        "https://PARTNER.example",
        "https://partner.example:8443",
        "https://evil.example",
        "null",
        "*",
        "",
    ],
)
async def test_a_site_that_only_looks_like_one_of_the_list_may_not(origin: str) -> None:
    async with a_world(cors_origins=LISTED) as world:
        asked = await world.call("OPTIONS", ME, headers=preflight(origin))
        answer = await world.as_admin("GET", ME, headers={"Origin": origin})

    assert asked.status == 405
    assert said(asked.headers) | said(answer.headers) == set()
    assert answer.headers["Vary"] == "Origin"


async def test_a_preflight_tells_nothing_of_paths_that_are_none() -> None:
    async with a_world(cors_origins=LISTED) as world:
        absent = await world.call("OPTIONS", "/v1/nothing", headers=preflight(LISTED))

    assert absent.refusal == (404, "not_found")


@pytest.mark.parametrize("origins", ["*", "partner.example", "https://a.example/", "null"])
async def test_a_list_that_names_no_origins_stops_the_start(origins: str) -> None:
    with pytest.raises(ValueError, match="cors_origins"):
        async with a_world(cors_origins=origins):
            raise AssertionError


async def test_what_a_service_says_of_variants_stays_beside() -> None:
    async def statement(_: web.Request) -> web.Response:
        return web.json_response({}, headers={"Vary": "Accept"})

    async with a_world(cors_origins=LISTED) as world:
        world.licensing.answers["/v1/products"] = statement
        answer = await world.as_admin("GET", "/v1/products", headers={"Origin": LISTED})

    varies = {name.strip() for line in answer.headers.getall("Vary") for name in line.split(",")}
    assert varies == {"Accept", "Origin"}
