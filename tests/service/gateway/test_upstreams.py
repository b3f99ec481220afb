"""Services behind the gateway that are slow, dead, or one of several."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from aiohttp import web

from services.gateway.clients import guards
from tests.service.gateway.world import RESELLER, TENANT, Upstream, Watch, World, a_world
from tests.support.processes import free_port

PRODUCTS = "/v1/products"
ORDERS = f"/v1/resellers/{RESELLER}/licence-orders"


@contextmanager
def a_black_hole() -> Iterator[str]:
    """An address where connecting never comes to an end: its queue is full and nobody takes any."""
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.socket())
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 the standard library's own signature
            waiting.connect_ex(deaf.getsockname())
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}"


async def crash(request: web.Request) -> web.Response:
    """Take the request and die without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.fixture
async def second() -> AsyncIterator[Upstream]:
    """Another replica of licensing."""
    replica = Upstream()
    await replica.start()
    yield replica
    await replica.stop()


async def test_a_service_that_is_down_is_unavailable_and_says_when_to_come_back(
    world: World,
) -> None:
    await world.as_admin("GET", PRODUCTS)
    await world.licensing.stop()

    answer = await world.as_admin("GET", PRODUCTS)

    assert answer.refusal == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_service_that_is_slow_is_given_up_in_time_and_not_asked_again() -> None:
    may_end = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await may_end.wait()
        return web.Response()

    async with a_world(upstream_seconds=0.3) as world:
        world.licensing.answers[PRODUCTS] = slow

        async with asyncio.timeout(5):
            answer = await world.as_admin("GET", PRODUCTS)
        may_end.set()

        assert answer.refusal == (503, "service_unavailable")
        assert len(world.licensing.public) == 1


async def test_the_second_replica_answers_while_the_first_is_down(second: Upstream) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    async with a_world(licensing_url=f"{down},{second.url}") as world:
        answers = [await world.as_admin("GET", PRODUCTS) for _ in range(6)]

    assert {answer.status for answer in answers} == {200}
    assert len(second.public) == 6


async def test_requests_at_the_same_time_do_not_push_each_other_back_to_the_dead_replica(
    second: Upstream,
) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    async with a_world(licensing_url=f"{down},{second.url}") as world:
        await world.as_admin("GET", PRODUCTS)
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(world.as_admin("GET", PRODUCTS)) for _ in range(40)]

    assert {task.result().status for task in asked} == {200}


async def test_a_post_goes_to_the_second_replica_only_where_the_first_was_never_reached(
    second: Upstream,
) -> None:
    down = f"http://127.0.0.1:{free_port()}"
    async with a_world(licensing_url=f"{down},{second.url}") as world:
        world.org, world.roles = RESELLER, ["reseller-admin"]
        answers = [await world.as_admin("POST", ORDERS, json={}) for _ in range(4)]

    assert {answer.status for answer in answers} == {200}
    assert len(second.public) == 4


async def test_a_replica_that_swallows_connections_is_passed_over(second: Upstream) -> None:
    with a_black_hole() as hole:
        async with a_world(licensing_url=f"{hole},{second.url}", upstream_seconds=3) as world:
            answer = await world.as_admin("GET", PRODUCTS)

    assert answer.status == 200
    assert len(second.public) == 1


async def test_replicas_take_turns(second: Upstream) -> None:
    first = Upstream()
    await first.start()
    async with a_world(licensing_url=f"{first.url},{second.url}") as world:
        for _ in range(10):
            await world.as_admin("GET", PRODUCTS)
    await first.stop()

    assert (len(first.public), len(second.public)) == (5, 5)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [("GET", PRODUCTS, {}), ("POST", ORDERS, {"Idempotency-Key": "k-1"})],
    ids=["reading", "keyed"],
)
async def test_what_may_be_sent_twice_survives_a_replica_that_dies_over_it(
    second: Upstream, method: str, path: str, headers: dict[str, str]
) -> None:
    first = Upstream(otherwise=crash)
    await first.start()
    async with a_world(licensing_url=f"{first.url},{second.url}") as world:
        world.org, world.roles = RESELLER, ["reseller-admin"]
        answer = await world.as_admin(method, path, headers=headers)
    await first.stop()

    assert answer.status == 200
    assert [seen.target for seen in second.public] == [path]


@pytest.mark.parametrize(
    ("path", "headers"),
    [(ORDERS, {}), (f"/v1/resellers/{RESELLER}/suspend", {"Idempotency-Key": "k-1"})],
    ids=["without a key", "takes no key"],
)
async def test_what_may_not_be_sent_twice_is_not(
    second: Upstream, path: str, headers: dict[str, str]
) -> None:
    first = Upstream(otherwise=crash)
    await first.start()
    both = f"{first.url},{second.url}"
    async with a_world(licensing_url=both, tenancy_url=both) as world:
        world.org, world.roles = RESELLER, ["reseller-admin"]
        answer = await world.as_admin("POST", path, json={}, headers=headers)
    await first.stop()

    assert answer.refusal == (503, "service_unavailable")
    assert (len(first.public), len(second.public)) == (1, 0)


async def test_a_request_that_kills_every_replica_is_not_sent_for_ever(second: Upstream) -> None:
    second.otherwise = crash
    async with a_world(licensing_url=second.url) as world:
        answer = await world.as_admin("GET", PRODUCTS)

    assert answer.refusal == (503, "service_unavailable")
    assert len(second.public) <= 4


async def test_an_answer_that_breaks_off_is_not_handed_out_in_half(world: World) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    world.licensing.answers[PRODUCTS] = half

    answer = await world.as_admin("GET", PRODUCTS)

    assert answer.refusal == (503, "service_unavailable")


async def test_a_service_that_fails_again_and_again_is_not_asked_for_a_while(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "monotonic", watch)
    async with a_world() as world:
        world.licensing.otherwise = crash
        for _ in range(5):
            await world.as_admin("POST", f"/v1/tenants/{TENANT}/licences")
        failed = len(world.licensing.public)
        refused = [await world.as_admin("GET", PRODUCTS) for _ in range(20)]
        asked = len(world.licensing.public)
        others = await world.as_admin("GET", "/v1/me")
        measured = await (await world.http.get(f"{world.ops_url}/metrics")).text()
        world.licensing.otherwise = None
        watch.seconds += 1.1
        again = [await world.as_admin("GET", PRODUCTS) for _ in range(3)]

    assert failed >= 5
    assert asked == failed
    assert {answer.refusal for answer in refused} == {(503, "service_unavailable")}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert others.status == 200
    assert 'portal_upstream_open{service="gateway",upstream="licensing"} 1.0' in measured
    assert 'portal_upstream_open{service="gateway",upstream="auth"} 0.0' in measured
    assert [answer.status for answer in again] == [200, 200, 200]


async def test_while_a_service_is_away_one_request_at_a_time_tries_it(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "monotonic", watch)
    async with a_world() as world:
        world.licensing.otherwise = crash
        for _ in range(5):
            await world.as_admin("POST", f"/v1/tenants/{TENANT}/licences")
        before = len(world.licensing.public)
        watch.seconds += 1.1
        async with asyncio.TaskGroup() as group:
            for _ in range(30):
                group.create_task(world.as_admin("POST", f"/v1/tenants/{TENANT}/licences"))
        tried = len(world.licensing.public) - before

    assert tried == 1


async def test_a_service_has_so_many_connections_and_who_comes_then_hears_so_at_once() -> None:
    may_end = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await may_end.wait()
        return web.json_response({})

    async with a_world(upstream_at_once=4) as world:
        world.licensing.answers[PRODUCTS] = slow
        await world.as_admin("GET", "/v1/me")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(world.as_admin("GET", PRODUCTS)) for _ in range(20)]
            while sum(task.done() for task in tasks) < 16:
                await asyncio.sleep(0.01)
            others = await world.as_admin("GET", "/v1/me")
            may_end.set()
    answers = [task.result() for task in tasks]

    refused = [answer for answer in answers if answer.status != 200]
    assert len(refused) == 16
    assert {answer.refusal for answer in refused} == {(503, "service_busy")}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert others.status == 200


async def test_an_answer_that_stops_in_the_middle_is_given_up_in_time() -> None:
    may_end = asyncio.Event()

    async def stop(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        await may_end.wait()
        return response

    async with a_world(upstream_silent_seconds=0.3, upstream_seconds=30) as world:
        world.licensing.answers[PRODUCTS] = stop
        async with asyncio.timeout(5):
            answer = await world.as_admin("GET", PRODUCTS)
        may_end.set()

    assert answer.refusal == (503, "service_unavailable")
