"""Floods: of one account, key, organisation or source, over one replica or several."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from services.gateway.clients import gossip
from shared.contracts.gateway import QuotaUsed
from tests.service.gateway.test_machines import KEY, knows
from tests.service.gateway.world import TENANT, Answer, World, a_replica, a_world

PRODUCTS = "/v1/products"
HERE = f"/v1/tenants/{TENANT}/licences"


async def flood(world: World, times: int, path: str = PRODUCTS, **more: Any) -> Counter[int]:
    """The statuses of so many requests in a row, each with this token's account."""
    if more:
        more["sid"] = f"{more['sub']}@{more.get('org', TENANT)}"
        world.auth.otherwise = a_session
    token = world.token(**more)
    headers = {"Authorization": f"Bearer {token}"}
    answers = [await world.call("GET", path, headers=headers) for _ in range(times)]
    return Counter(answer.status for answer in answers)


def told_to_replicas(world: World) -> list[QuotaUsed]:
    """What the replicas tell each other from now on; they have heard it as soon as it is here."""
    told = list[QuotaUsed]()
    kinds = frozenset({QuotaUsed.type})
    world.hub.listeners.append(
        (kinds, lambda event: told.append(QuotaUsed.model_validate(event.data)))
    )
    return told


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.02)


async def test_an_account_that_sends_too_much_hears_when_to_go_on() -> None:
    async with a_world(account_per_minute=5) as world:
        good = [await world.as_admin("GET", PRODUCTS) for _ in range(5)]
        refused = await world.as_admin("GET", PRODUCTS)
        handed_on = len(world.licensing.public)

    assert {answer.status for answer in good} == {200}
    assert refused.refusal == (429, "rate_limited")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 12
    policy = refused.headers["RateLimit-Policy"]
    assert policy == '"source";q=6000;w=60, "account";q=5;w=60'
    assert refused.headers["RateLimit"].startswith('"account";r=0;t=')
    assert good[0].headers["RateLimit"].startswith('"account";r=4;t=')
    assert handed_on == 5


async def test_a_request_that_is_too_much_asks_no_service_anything() -> None:
    async with a_world(account_per_minute=1) as world:
        await world.as_admin("GET", PRODUCTS)
        before = len(world.auth.seen) + len(world.tenancy.seen)
        for number in range(20):
            await world.as_admin("GET", f"/v1/tenants/{200000 + number}.sms")
        after = len(world.auth.seen) + len(world.tenancy.seen)

    assert before == after


async def test_accounts_of_one_organisation_share_its_quota_and_others_are_not_hurt() -> None:
    async with a_world(organisation_per_minute=10) as world:
        first = await flood(world, 8, sub="a-1")
        second = await flood(world, 8, sub="a-2")
        other = await flood(world, 8, sub="a-3", org="200001.sms")

    assert (first, second) == (Counter({200: 8}), Counter({200: 2, 429: 6}))
    assert other == Counter({200: 8})


async def test_a_key_has_a_quota_of_its_own() -> None:
    async with a_world(key_per_minute=3, account_per_minute=0) as world:
        knows(world, "licence:read")
        headers = {"Authorization": f"Bearer {KEY}"}
        answers = [await world.call("GET", HERE, headers=headers) for _ in range(5)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert '"key";q=3;w=60' in answers[-1].headers["RateLimit-Policy"]


@pytest.mark.parametrize("path", ["/v1/login", "/nowhere", "/v1/%00", "/v1/me"])
async def test_a_source_is_counted_whatever_it_asks_for_and_whoever_it_says_it_is(
    path: str,
) -> None:
    async with a_world(source_per_minute=6) as world:
        answers: list[Answer] = []
        for number in range(9):
            spoofed = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": "for=192.0.2.9"}
            headers = {**spoofed, "Authorization": f"Bearer nonsense-{number}"}
            answers.append(await world.call("POST", path, json={}, headers=headers))

    assert 429 not in {answer.status for answer in answers[:6]}
    assert {answer.refusal for answer in answers[6:]} == {(429, "rate_limited")}


async def test_what_one_replica_lets_through_counts_at_the_other() -> None:
    async with (
        a_world(account_per_minute=20) as world,
        a_replica(world, {"account_per_minute": 20}) as up,
    ):
        other = replace(world, url=up.url)
        other.http = world.http
        told = told_to_replicas(world)
        first = await flood(world, 15)
        await until(lambda: sum(max(one.used.values(), default=0) for one in told) == 15)
        second = await flood(other, 15)

    assert first == Counter({200: 15})
    assert second[200] <= 7
    assert second[429] >= 8


async def test_without_the_bus_a_replica_gives_its_share_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gossip, "HERE_SECONDS", 0.2)
    async with a_world(account_per_minute=20) as world:
        told = told_to_replicas(world)
        async with a_replica(world, {"account_per_minute": 20}):
            await until(lambda: len({one.replica_id for one in told}) == 2)
            world.wire.silent_seconds = 60
            alone = await flood(world, 20)

    assert alone[200] <= 12
    assert alone[200] >= 10


async def test_a_tenant_that_blocks_all_it_may_leaves_the_others_their_way_in() -> None:
    """Counted, not timed: the flood holds as many connections as it may have and gets no more."""
    may_end = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await may_end.wait()
        return web.json_response({})

    async with a_world(at_once=8, upstream_seconds=30, upstream_silent_seconds=30) as world:
        world.licensing.answers[HERE] = slow
        await world.as_admin("GET", PRODUCTS)
        before = len(world.licensing.public)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(world.as_admin("GET", HERE)) for _ in range(100)]
            while sum(task.done() for task in tasks) < 92:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)  # whoever was let in has got there by now
            reached = len(world.licensing.public) - before
            others = await flood(world, 20, sub="a-3", org="200001.sms")
            may_end.set()
    answers = [task.result() for task in tasks]

    assert reached == 8
    assert others == Counter({200: 20})
    refused = [answer for answer in answers if answer.status != 200]
    assert {answer.refusal for answer in refused} == {(429, "too_many_at_once")}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert len(refused) == 92


async def a_session(request: web.Request) -> web.Response:
    """Sessions are called after account and organisation: these tests have many accounts."""
    account, _, org = request.path.rpartition("/")[2].partition("@")
    return web.json_response({"account_id": account, "org": org, "roles": ["admin"]})


async def test_a_connection_that_floods_is_refused_ten_times_a_second_and_no_more() -> None:
    async with a_world(account_per_minute=1) as world:
        await world.as_admin("GET", "/v1/me")
        begun = asyncio.get_running_loop().time()

        refused = [await world.as_admin("GET", "/v1/me") for _ in range(5)]
        seconds = asyncio.get_running_loop().time() - begun

    assert {one.status for one in refused} == {429}
    assert seconds >= 0.5


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/", "/assets/portal.css"])
async def test_pages_and_documents_count_as_anything_else_of_their_source(path: str) -> None:
    async with a_world(source_per_minute=3) as world:
        shown = [(await world.call("GET", path)).status for _ in range(3)]
        flooded = await world.call("GET", path)
        elsewhere = await world.call("GET", PRODUCTS)
        alive = await world.call("GET", "/healthz")

    assert shown == [200] * 3
    assert flooded.refusal == (429, "rate_limited")
    assert int(flooded.headers["Retry-After"]) > 0
    assert flooded.headers["X-Content-Type-Options"] == "nosniff"
    assert (elsewhere.status, alive.status) == (429, 200)
