"""Rights that end while something is under way: while a body comes, while a judge thinks, while the
bus is silent, within a pass's last second.
"""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from services.gateway.clients import doorman
from shared.contracts.tenancy import TenantAccessChanged
from tests.service.gateway.world import (
    ACCOUNT,
    RESELLER,
    SESSION,
    TENANT,
    Watch,
    World,
    a_world,
    assigned,
    questions,
    status,
    tell,
)

PATH = f"/v1/tenants/{TENANT}"
PLACE = f"/internal/places/{TENANT}"
CHANGED = TenantAccessChanged(tenant_id=TENANT, reseller_id=RESELLER)


async def test_what_was_allowed_before_a_slow_body_came_is_not_done_after_it_was_forbidden(
    seller: World,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(seller.url).port)
    head = [
        f"POST {PATH}/licences HTTP/1.1",
        "Host: portal.test",
        f"Authorization: Bearer {seller.token()}",
        "Content-Type: application/json",
        "Content-Length: 2",
        "Connection: close",
    ]
    writer.write("\r\n".join([*head, "", "{"]).encode())
    await asyncio.sleep(0.2)

    seller.places.clear()
    tell(seller, CHANGED)
    writer.write(b"}")
    answer = await reader.read()
    writer.close()

    assert b" 404 " in answer.splitlines()[0]
    assert seller.handed_on == []


async def test_an_answer_that_news_overtakes_lets_nobody_in(seller: World) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        found = seller.places.get(TENANT)
        asked.set()
        await may_answer.wait()
        return web.json_response(found or {}, status=200 if found else 404)

    seller.tenancy.answers[PLACE] = slow
    first = asyncio.create_task(status(seller))
    await asked.wait()

    seller.places.clear()
    tell(seller, CHANGED)
    may_answer.set()

    assert await first == 404
    assert await status(seller) == 404
    assert seller.handed_on == []


async def test_nobody_is_let_in_by_decisions_that_are_overtaken_again_and_again(
    seller: World,
) -> None:
    async def answer(_: web.Request) -> web.Response:
        tell(seller, CHANGED)
        return web.json_response(assigned())

    seller.tenancy.answers[PLACE] = answer

    refused = await seller.as_admin("GET", PATH)

    assert refused.refusal == (503, "service_unavailable")
    assert questions(seller)[1] == doorman._TRIES
    assert seller.handed_on == []


@pytest.mark.parametrize("silent", [60.0, float("inf")])
async def test_what_was_decided_before_or_during_a_silence_is_trusted_no_longer_after_it(
    seller: World, watch: Watch, monkeypatch: pytest.MonkeyPatch, silent: float
) -> None:
    monkeypatch.setattr(doorman, "_FEEL_SECONDS", 0.01)
    before, during = f"Bearer {seller.token(jti='b')}", f"Bearer {seller.token(jti='d')}"

    async def asked_with(token: str) -> int:
        answer = await seller.call("GET", PATH, headers={"Authorization": token})
        return answer.status

    await asked_with(before)
    await asyncio.sleep(0.6)
    seller.wire.silent_seconds = silent
    await asked_with(during)
    await asyncio.sleep(0.1)
    seller.wire.silent_seconds = 0
    young = [await asked_with(before), await asked_with(during)], questions(seller)
    watch.seconds += 6
    seller.places.clear()

    assert young == ([200, 200], (2, 2))
    assert [await asked_with(before), await asked_with(during)] == [404, 404]


async def test_while_the_bus_is_silent_no_answer_that_took_more_than_five_seconds_lets_in(
    seller: World, watch: Watch
) -> None:
    async def slow(_: web.Request) -> web.Response:
        found = seller.places.get(TENANT)
        watch.seconds += 6
        seller.places.clear()
        return web.json_response(found or {}, status=200 if found else 404)

    seller.wire.silent_seconds = 60
    seller.tenancy.answers[PLACE] = slow

    assert await status(seller) == 404
    assert seller.handed_on == []


async def test_a_place_ends_when_its_licence_does_and_no_service_hears_a_pass_that_has_expired(
    seller: World,
) -> None:
    end = seller.now() + timedelta(seconds=3)
    seller.places[TENANT] = assigned(valid_until=end.isoformat())

    statuses = []
    for _ in range(12):
        statuses.append(await status(seller))
        seller.now.advance(timedelta(seconds=0.3))

    assert statuses == [200] * 10 + [404] * 2
    passes = [seller.pass_of(seen) for seen in seller.tenancy.public]
    assert {granted.expires_at for granted in passes} == {int(end.timestamp())}


async def test_the_last_part_of_a_second_that_a_pass_cant_tell_is_as_over(seller: World) -> None:
    end = seller.now() + timedelta(seconds=0.4)
    seller.places[TENANT] = assigned(valid_until=end.isoformat())

    assert await status(seller) == 404


async def test_a_crowd_at_auth_keeps_nobody_from_being_let_in() -> None:
    may_end, begun = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await may_end.wait()
        return web.json_response({})

    async with a_world(upstream_at_once=1) as world:
        world.auth.answers["/v1/login"] = slow
        crowd = asyncio.create_task(world.call("POST", "/v1/login", json={}))
        await begun.wait()
        let_in = await world.as_admin("GET", f"{PATH}/licences")
        refused = await world.call("POST", "/v1/login", json={})
        may_end.set()
        await crowd

    assert let_in.status == 200
    assert refused.refusal == (503, "service_busy")


async def test_a_judge_that_has_too_much_to_do_is_a_refusal_and_no_failure() -> None:
    may_end, begun = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await may_end.wait()
        return web.json_response({"account_id": ACCOUNT, "org": TENANT, "roles": ["admin"]})

    async with a_world(upstream_at_once=1) as world:
        await world.as_admin("GET", "/v1/me")
        world.auth.answers[f"/internal/sessions/{SESSION}"] = slow
        tokens = [{"Authorization": f"Bearer {world.token(jti=name)}"} for name in "ab"]
        judged = asyncio.create_task(world.call("GET", PATH, headers=tokens[0]))
        await begun.wait()
        refused = await world.call("GET", PATH, headers=tokens[1])
        may_end.set()
        let_in = await judged

    assert refused.refusal == (503, "service_busy")
    assert refused.headers["Retry-After"] == "1"
    assert let_in.status == 200
