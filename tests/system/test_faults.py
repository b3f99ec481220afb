"""Processes and the broker killed under load; judged by what clients were answered.

What may fail while a replica dies: a POST without an Idempotency-Key that the dead replica had
begun to read, answered 503, since sending it again might do it twice. The caller tries again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
import pytest_asyncio

from portal.demo.world import DemoAccount, accounts
from shared.clock import monotonic
from tests.support.deployments import Fleet, fleet
from tests.support.person import Portal, demo
from tests.support.rabbitmq import SETTLE_SECONDS, RabbitNode
from tests.support.scratch import scratch_folder

RESELLER = "/v1/resellers/100001.rsp"
pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own_node() -> AsyncIterator[RabbitNode]:
    """A broker that these tests may kill."""
    with scratch_folder("rabbitmq-faults") as folder:
        node = RabbitNode(folder)
        await node.start()
        yield node
        await node.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, own_node: RabbitNode
) -> AsyncIterator[Fleet]:
    async with fleet(tmp_path_factory.mktemp("faults"), mongo_url, own_node.url) as made:
        await asyncio.sleep(SETTLE_SECONDS)
        yield made


async def _forget(portal: Portal, account: DemoAccount) -> tuple[int, str]:
    """Ask for a new password; the status and the id of the request."""
    ask = {"username": account.username, "tenant": account.org}
    answer = await portal.call("POST", "/v1/password/forgot", json=ask)
    return answer.status, answer.headers["X-Request-Id"]


async def _mails_by_request(portal: Portal, addresses: set[str]) -> dict[str, list[str]]:
    """For each request that led to mails: the Message-IDs of what arrived."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        for mail in await portal.mails_to(address):
            headers = await portal.headers_of(mail)
            request = headers["X-Request-Id"][0]
            found.setdefault(request, []).append(headers["Message-Id"][0])
    return found


async def _arrived(
    portal: Portal, requests: set[str], addresses: set[str], within_seconds: float
) -> dict[str, list[str]]:
    """The mails of these requests, once there is one for each."""
    until = monotonic() + within_seconds
    while True:
        found = await _mails_by_request(portal, addresses)
        if requests <= found.keys():
            return {request: found[request] for request in requests}
        missing = len(requests - found.keys())
        assert monotonic() < until, f"{missing} of {len(requests)} mails have not arrived"
        await asyncio.sleep(0.3)


@asynccontextmanager
async def _dying(running: Fleet, *names: str) -> AsyncIterator[None]:
    """These replicas are killed and started again, one after the other, until the context ends."""
    is_over = asyncio.Event()

    async def kill_in_turn() -> None:
        while not is_over.is_set():
            for name in names:
                replica = running.processes[name]
                await replica.kill()
                await asyncio.sleep(0.3)
                replica.start()
                await replica.answers(f"{running.urls[name]}/readyz", 30)

    async with asyncio.TaskGroup() as group:
        group.create_task(kill_in_turn())
        yield
        is_over.set()


async def _order(portal: Portal, token: str, number: int) -> str:
    """Where an order for a new customer is, asked for until it is taken, as a key allows."""
    admin = {"username": "chef", "email": f"chef@order-{number}.example"}
    body = {
        "product": "mobile-security",
        "seats": 1,
        "term_months": 12,
        "customer": {"new": {"name": f"Order {number}", "admin": admin}},
    }
    keyed: Any = {"json": body, "headers": {"Idempotency-Key": f"order-{number}"}}
    until = monotonic() + 60
    while True:
        answer = await portal.call("POST", f"{RESELLER}/licence-orders", token=token, **keyed)
        if answer.status == HTTPStatus.ACCEPTED:
            return str(answer.headers["Location"])
        assert answer.status in {409, 503}, answer.body
        assert monotonic() < until, answer.body
        await asyncio.sleep(0.3)


async def _ended(portal: Portal, token: str, path: str) -> dict[str, Any]:
    until = monotonic() + 60
    while True:
        answer = await portal.call("GET", path, token=token)
        if isinstance(answer.body, dict) and answer.body.get("status") in {"fulfilled", "rejected"}:
            return answer.body
        assert monotonic() < until, answer.body
        await asyncio.sleep(0.3)


async def test_a_replica_of_auth_that_is_killed_fails_no_reading_and_no_keyed_request(
    running: Fleet,
) -> None:
    portal, victim = running.portal, running.processes["auth-1"]
    token = await portal.token("100001.rsp", "reseller-admin")
    is_over = asyncio.Event()
    seen: dict[str, Counter[int]] = {name: Counter() for name in ("read", "keyed", "login")}

    async def ask(name: str, *request: str, **more: Any) -> None:
        while not is_over.is_set():
            answer = await portal.call(*request, **more)
            seen[name][answer.status] += 1
            assert answer.status != 500, answer.body

    order = {"product": "mobile-security", "seats": 1, "term_months": 12}
    keyed = {"json": {**order, "customer": {"tenant_id": "123456.sms"}}, "token": token}
    keyed["headers"] = {"Idempotency-Key": "the-same-order"}
    wrong = {"username": "nobody", "password": "x", "tenant": "123456.sms"}
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(ask("read", "GET", "/v1/me", token=token))
        orders = f"{RESELLER}/licence-orders"
        group.create_task(ask("keyed", "POST", orders, **keyed))
        for number in range(2):
            body = {**wrong, "username": f"nobody-{number}"}
            group.create_task(ask("login", "POST", "/v1/login", json=body))
        for _ in range(3):
            await asyncio.sleep(0.8)
            await victim.kill()
            await asyncio.sleep(0.8)
            victim.start()
            await victim.answers(f"{running.urls['auth-1']}/readyz", 30)
        is_over.set()

    assert set(seen["read"]) == {200}
    assert set(seen["keyed"]) == {202}
    assert sum(seen["read"].values()) > 100
    assert set(seen["login"]) <= {401, 429, 503}


async def _oldest_unsent(running: Fleet) -> float:
    """For how long an event of auth has been waiting to get out, as its metrics tell."""
    name, ages = 'portal_outbox_oldest_seconds{service="auth"} ', list[float]()
    for replica in ("auth-0", "auth-1"):
        async with running.portal.http.get(f"{running.urls[replica]}/metrics") as response:
            lines = (await response.text()).splitlines()
        ages += [float(line.removeprefix(name)) for line in lines if line.startswith(name)]
    return max(ages)


async def test_resets_asked_for_while_the_broker_is_dead_are_each_mailed_once_when_it_is_back(
    running: Fleet, own_node: RabbitNode
) -> None:
    portal = running.portal
    asked = [one for one in accounts() if one.org in {"123456.sms", "200001.sms"}]
    statuses, requests = list[int](), set[str]()

    await own_node.kill()
    begun = monotonic()
    for account in asked:
        status, request = await _forget(portal, account)
        statuses.append(status)
        requests.add(request)
    await asyncio.sleep(max(0.0, 8 - (monotonic() - begun)))
    waiting = await _oldest_unsent(running)
    await own_node.start()
    addresses = {account.email for account in asked}
    await _arrived(portal, requests, addresses, 40)
    await asyncio.sleep(2)  # a second mail would come now
    mails = await _mails_by_request(portal, addresses)

    assert waiting > 1
    assert await _oldest_unsent(running) == 0
    assert set(statuses) == {202}
    assert {request: len(mails[request]) for request in requests} == dict.fromkeys(requests, 1)


async def test_mails_arrive_though_replicas_of_the_mailer_are_killed_all_the_time(
    running: Fleet,
) -> None:
    portal = running.portal
    account = demo("123457.sms", "auditor")
    requests = set[str]()

    async with _dying(running, "mailer-0", "mailer-1"):
        for _ in range(3):
            status, request = await _forget(portal, account)
            assert status == 202
            requests.add(request)
            await asyncio.sleep(1)
    mails = await _arrived(portal, requests, {account.email}, 60)

    for messages in mails.values():  # after DATA nobody knows: sent again, and told by its id
        assert len(set(messages)) == 1
        assert len(messages) <= 2


async def test_every_order_for_a_new_customer_ends_in_one_licence_whoever_dies_on_the_way(
    running: Fleet,
) -> None:
    portal = running.portal
    token, placed = await portal.token("100001.rsp", "reseller-admin"), list[str]()

    async with _dying(running, "licensing-0", "tenancy-0", "licensing-1"):
        for number in range(8):
            placed.append(await _order(portal, token, number))
            await asyncio.sleep(0.3)
    orders = [await _ended(portal, token, path) for path in placed]

    assert {order["status"] for order in orders} == {"fulfilled"}
    assert len({order["tenant_id"] for order in orders}) == len(placed)
    for order in orders:
        path = f"{RESELLER}/licences?tenant_id={order['tenant_id']}"
        licences = (await portal.call("GET", path, token=token)).body
        assert isinstance(licences, dict)
        assert [one["id"] for one in licences["items"]] == [order["licence_id"]]


async def test_a_session_that_ends_is_refused_within_a_second_also_after_all_that(
    running: Fleet,
) -> None:
    portal = running.portal
    tokens = await portal.sign_in(demo("200001.sms", "auditor"))
    token = tokens["access_token"]
    before = await portal.call("GET", "/v1/tenants/200001.sms", token=token)

    out = {"refresh_token": tokens["refresh_token"]}
    gone = await portal.call("POST", "/v1/session/logout", json=out)
    ended_at = monotonic()
    while (await portal.call("GET", "/v1/tenants/200001.sms", token=token)).status != 401:
        assert monotonic() - ended_at < 5
        await asyncio.sleep(0.01)

    assert (before.status, gone.status) == (200, 204)
    assert monotonic() - ended_at < 1
