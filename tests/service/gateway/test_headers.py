"""What a client says that a service hears, and the other way round."""

import re

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.gateway.settings import GatewaySettings
from tests.service.gateway.world import PASS_KEYS, TENANT, World, a_world

_CLAIMED = {
    "Authorization",
    "X-Forwarded-For",
    "x-forwarded-for",
    "X_Forwarded_For",
    "X-FORWARDED-HOST",
    "X-Forwarded-Proto",
    "Forwarded",
    "X-Real-IP",
    "x_real_ip",
    "X-Portal-Pass",
    "x-portal-pass",
    "X_Portal_Pass",
    "X-Portal-Enrolment",
    "X_PORTAL_ENROLMENT",
    "X-Account-Id",
    "X-User",
    "X-Tenant-Id",
    "X-Internal",
    "X-Http-Method-Override",
    "X-Original-Url",
    "Proxy-Authorization",
    "Keep-Alive",
    "TE",
    "Upgrade",
    "Expect-Ct",
}


async def test_no_claim_of_a_client_about_itself_reaches_a_service(world: World) -> None:
    claims = [(name, "claimed-by-client") for name in sorted(_CLAIMED - {"Authorization"})]
    headers = [("Authorization", f"Bearer {world.token()}"), ("Connection", "X-Kept"), *claims]

    answer = await world.call("GET", "/v1/me", headers=headers)

    assert answer.status == 200
    seen = world.auth.public[0]
    assert all("claimed-by-client" not in value for _, value in seen.headers)
    names = [name.lower() for name, _ in seen.headers]
    assert len(names) == len(set(names))
    assert seen.header("X-Forwarded-For") == "127.0.0.1"
    assert seen.header("X-Portal-Enrolment") is None
    assert world.pass_of(seen).place == TENANT


async def test_what_a_service_needs_of_a_client_arrives(world: World) -> None:
    headers = {
        "If-Match": '"3"',
        "Idempotency-Key": "k-1",
        "Accept-Language": "de",
        "User-Agent": "a browser",
        "Cookie": "portal_refresh=r",
        "Origin": "https://portal.test",
        "Content-Type": "application/json",
    }

    await world.as_admin(
        "PATCH", f"/v1/tenants/{TENANT}?a=%20b&c", headers=headers, data=b'{"x":1}'
    )

    seen = world.tenancy.public[0]
    assert {name: seen.header(name) for name in headers} == headers
    assert (seen.target, seen.body) == (f"/v1/tenants/{TENANT}?a=%20b&c", b'{"x":1}')


async def test_a_redirect_of_a_service_is_handed_out_and_not_followed(world: World) -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound(f"{world.tenancy.url}/internal/places/vendor")

    world.auth.answers["/v1/me"] = elsewhere

    answer = await world.as_admin("GET", "/v1/me")

    assert answer.status == 302
    assert world.tenancy.seen == []


async def test_what_belongs_to_one_hop_is_not_handed_out(world: World) -> None:
    async def talkative(_: web.Request) -> web.Response:
        inner = {"Connection": "X-Inner", "X-Inner": "1", "Keep-Alive": "timeout=9", "ETag": '"4"'}
        return web.json_response(
            {"a": 1}, headers={**inner, "Server": "inner", "X-Request-Id": "theirs"}
        )

    world.auth.answers["/v1/me"] = talkative

    answer = await world.as_admin("GET", "/v1/me", headers={"X-Request-Id": "mine-1"})

    assert answer.body == {"a": 1}
    assert not {"X-Inner", "Keep-Alive"} & set(answer.headers)
    assert (answer.headers["Server"], answer.headers["ETag"]) == ("portal", '"4"')
    assert answer.headers["X-Request-Id"] == "mine-1"


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("abc-123_x.Y", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("a b", False),
        ("a\u00e4", False),
        ("{a}", False),
        ("", False),
    ],
)
async def test_a_request_id_is_kept_where_it_is_well_formed_and_else_replaced(
    world: World, given: str, *, is_kept: bool
) -> None:
    answer = await world.as_admin("GET", "/v1/me", headers={"X-Request-Id": given})

    used = answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", used)
    assert (used == given) is is_kept
    assert world.auth.public[0].header("X-Request-Id") == used


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/me"), ("GET", "/v1/x"), ("GET", "/%00"), ("GET", "/docs")]
)
async def test_every_answer_carries_the_same_guards(world: World, method: str, path: str) -> None:
    answer = await world.call(method, path)

    assert answer.headers["Server"] == "portal"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not any(re.search(r"[0-9]\.[0-9]|aiohttp|ython", one) for one in answer.headers.values())
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_trusted_proxy_is_believed_about_the_client_and_nobody_is_about_more() -> None:
    claims = {
        "X-Forwarded-For": "1.1.1.1, 198.51.100.7",
        "Forwarded": "for=192.0.2.66",
        "X-Forwarded-Host": "evil.example",
        "X-Real-IP": "192.0.2.67",
    }
    async with a_world(trusted_proxies="127.0.0.0/8") as world:
        await world.as_admin("GET", "/v1/me", headers=claims)
        behind = world.auth.public[0]
    async with a_world(trusted_proxies="192.0.2.0/24") as world:
        await world.as_admin("GET", "/v1/me", headers=claims)
        direct = world.auth.public[0]

    assert behind.header("X-Forwarded-For") == "198.51.100.7"
    assert direct.header("X-Forwarded-For") == "127.0.0.1"
    for seen in (behind, direct):
        said = " ".join(value for _, value in seen.headers)
        assert not [one for one in ("1.1.1.1", "192.0.2.6", "evil") if one in said]


async def test_behind_a_trusted_proxy_each_client_has_a_quota_of_its_own() -> None:
    async with a_world(trusted_proxies="127.0.0.1", source_per_minute=2) as world:
        statuses = []
        for who in ("198.51.100.7", "198.51.100.7", "198.51.100.7", "198.51.100.8"):
            answer = await world.as_admin("GET", "/v1/me", headers={"X-Forwarded-For": who})
            statuses.append(answer.status)

    assert statuses == [200, 200, 429, 200]


@pytest.mark.parametrize("networks", ["localhost", "10.0.0.1/8", "10.0.0.0/33", "*"])
def test_a_list_of_proxies_that_is_none_stops_the_start(networks: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        GatewaySettings(
            amqp_url="amqp://nobody.invalid/",
            pass_keys=SecretStr(PASS_KEYS.private()),
            trusted_proxies=networks,
        )
