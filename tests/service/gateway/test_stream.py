"""A stream of changes through the gateway: judged one by one, resumed, ended, bounded."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiohttp import ClientError, ClientResponse, web

from services.gateway.handlers import stream
from shared.contracts.auth import SessionRevoked
from shared.contracts.tenancy import ChangesFiled, TenantAccessChanged
from tests.service.gateway.world import (
    ACCOUNT,
    RESELLER,
    SESSION,
    TENANT,
    World,
    a_replica,
    a_world,
    assigned,
    tell,
)

PATH, FOREIGN = "/v1/events/stream", "200001.sms"


@dataclass
class Log:
    """Tenancy's log of changes, answered part by part."""

    rows: list[tuple[int, str]] = field(default_factory=list)
    types: dict[int, str] = field(default_factory=dict)
    """Of rows by position, where it is not that somebody has signed in."""
    asked_after: list[str | None] = field(default_factory=list)
    filler: str = ""
    status: int = 200

    def add(self, world: World, *places: str) -> None:
        self.rows += [(len(self.rows) + number + 1, place) for number, place in enumerate(places)]
        tell(world, ChangesFiled(orgs=[*places, RESELLER]))

    def tell(self, world: World, place: str, kind: str) -> None:
        self.types[len(self.rows) + 1] = kind
        self.add(world, place)

    def tell_nothing(self, world: World, org: str) -> None:
        """Wake those who follow for this organisation."""
        tell(world, ChangesFiled(orgs=[org]))

    def end_session(self, world: World) -> None:
        world.is_session_live = False
        ended = SessionRevoked(
            session_id=SESSION, account_id=ACCOUNT, org=world.org, reason="signed_out"
        )
        tell(world, ended)

    async def answer(self, request: web.Request) -> web.Response:
        after = request.headers.get("Last-Event-ID")
        self.asked_after.append(after)
        if self.status != 200:
            return web.json_response({"code": "refused"}, status=self.status)
        text = "" if after else "id: 0\n\n"
        for position, place in self.rows:
            if after is not None and position > int(after):
                kind = self.types.get(position, "session.started")
                data = json.dumps({"type": kind, "place": place, "filler": self.filler})
                text += f"id: {position}\nevent: change\ndata: {data}\n\n"
        return web.Response(text=text, content_type="text/event-stream")


@pytest.fixture
def log(world: World, monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    world.tenancy.answers[PATH] = made.answer
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.05)
    return made


@asynccontextmanager
async def following(
    world: World, last: str | None = None, *, url: str = "", seconds: int = 300
) -> AsyncIterator[ClientResponse]:
    headers = {"Authorization": f"Bearer {world.token(seconds=seconds)}"}
    if last is not None:
        headers["Last-Event-ID"] = last
    async with world.http.get((url or world.url) + PATH, headers=headers) as response:
        yield response


async def until_there_is_room(world: World) -> None:
    """Until the caller may follow once more."""
    async with asyncio.timeout(20):
        while True:
            async with following(world) as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.05)


async def until(response: ClientResponse, is_enough: Callable[[str], bool]) -> str:
    """What has come when that is enough."""
    text = ""
    async with asyncio.timeout(5):
        while not is_enough(text):
            part = await response.content.readany()
            if not part:
                break
            text += part.decode()
    return text


def ended(text: str) -> bool:
    return "event: ended" in text


async def test_changes_come_as_they_happen_and_only_those_of_places_that_one_may_see(
    seller: World, log: Log
) -> None:
    async with following(seller) as response:
        await until(response, lambda text: "id: 0" in text)
        log.add(seller, FOREIGN, TENANT)
        log.add(seller, RESELLER)

        text = await until(response, lambda text: RESELLER in text)

    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert TENANT in text
    assert FOREIGN not in text
    assert "id: 1\n" not in text


async def test_whoever_comes_back_goes_on_in_another_replica(seller: World, log: Log) -> None:
    log.add(seller, TENANT, TENANT, TENANT)

    async with a_replica(seller, {}) as other, following(seller, "2", url=other.url) as response:
        text = await until(response, lambda text: "id: 3" in text)

    assert "id: 2" not in text
    assert log.asked_after[0] == "2"


async def test_a_place_that_is_lost_is_in_no_stream_from_then_on(seller: World, log: Log) -> None:
    async with following(seller, "0") as response:
        log.add(seller, TENANT)
        await until(response, lambda text: "id: 1" in text)
        seller.places.clear()
        tell(seller, TenantAccessChanged(tenant_id=TENANT, reseller_id=RESELLER))
        log.add(seller, TENANT, RESELLER)

        text = await until(response, lambda text: RESELLER in text)

    assert TENANT not in text


async def test_a_limited_access_that_does_not_read_activity_shows_no_changes(
    seller: World, log: Log
) -> None:
    seller.places[TENANT] = {**assigned(), "permissions": ["tenant:read"]}
    async with following(seller, "0") as response:
        log.add(seller, TENANT, RESELLER)

        text = await until(response, lambda text: RESELLER in text)

    assert TENANT not in text


async def test_it_ends_within_a_second_when_the_session_does(seller: World, log: Log) -> None:
    loop = asyncio.get_running_loop()
    async with following(seller, "0") as response:
        await until(response, lambda text: "retry" in text)
        begun, seller.is_session_live = loop.time(), False
        tell(
            seller,
            SessionRevoked(
                session_id=SESSION, account_id=ACCOUNT, org=RESELLER, reason="signed_out"
            ),
        )

        text = await until(response, ended)
        seconds = loop.time() - begun

    assert '"code": "unauthenticated"' in text
    assert seconds < 1
    assert log.asked_after


async def test_it_ends_with_the_token(seller: World, log: Log) -> None:
    async with following(seller, "0", seconds=10) as response:
        await until(response, lambda text: "retry" in text)
        seller.now.advance(timedelta(seconds=11))

        text = await until(response, ended)

    assert '"code": "unauthenticated"' in text
    assert log.asked_after


async def test_it_fails_closed_where_tenancy_is_away(seller: World, log: Log) -> None:
    async with following(seller, "0") as response:
        await until(response, lambda text: "retry" in text)
        log.status = 503
        log.add(seller, TENANT)

        text = await until(response, ended)

    assert TENANT not in text


async def test_what_can_not_be_read_ends_the_connection_and_begins_no_second_answer(
    seller: World, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def garbled(_: web.Request) -> web.Response:
        return web.Response(text="id: 9\nevent: change\ndata: {nonsense\n\n")

    monkeypatch.setattr(stream, "ASK_SECONDS", 0.1)
    begin = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {seller.token()}\r\n\r\n"
    told = asyncio.create_task(seller.raw(begin.encode(), patience_seconds=5))
    while not log.asked_after:
        await asyncio.sleep(0.01)
    seller.tenancy.answers[PATH] = garbled

    text = await told

    assert text.startswith(b"HTTP/1.1 200 OK")
    assert text.count(b"HTTP/1.1") == 1
    assert b"internal_error" not in text


async def test_what_tenancy_refuses_never_begins(seller: World, log: Log) -> None:
    log.status = 403

    async with following(seller, "0") as response:
        status = response.status

    assert status == 403


async def test_nobody_follows_without_a_session(seller: World, log: Log) -> None:
    answer = await seller.call("GET", PATH)

    assert answer.refusal == (401, "unauthenticated")
    assert log.asked_after == []


async def test_an_account_has_so_many_streams_and_another_one_when_one_has_ended(
    seller: World, log: Log
) -> None:
    async with following(seller), following(seller), following(seller):
        async with following(seller), following(seller) as fifth:
            refused = fifth.status
        await until_there_is_room(seller)

    assert refused == 429
    assert log.asked_after


async def test_streams_take_no_room_from_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.05)
    async with a_world(at_once=1) as world:
        world.org, world.roles = RESELLER, ["reseller-admin"]
        log = Log()
        world.tenancy.answers[PATH] = log.answer
        async with following(world), following(world):
            answer = await world.as_admin("GET", "/v1/activity")

    assert answer.status == 200


async def test_a_silent_stream_says_that_it_is_still_there(
    seller: World, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)

    async with following(seller) as response:
        text = await until(response, lambda text: text.count(": still here") == 2)

    assert "event:" not in text
    assert log.asked_after


async def test_it_is_asked_again_also_where_nobody_is_woken(
    seller: World, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "ASK_SECONDS", 0.1)

    async with following(seller, "0") as response:
        await until(response, lambda text: "retry" in text)
        log.rows.append((1, TENANT))
        text = await until(response, lambda text: TENANT in text)

    assert "id: 1" in text


async def test_a_reader_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SLOW_READER_SECONDS", 0.2)
    many = [(number, TENANT) for number in range(1, 31)]
    async with a_world(streams_of_account=1) as world:
        world.places[TENANT] = assigned()
        world.org, world.roles = RESELLER, ["reseller-admin"]
        world.tenancy.answers[PATH] = Log(many, filler="x" * 1_000_000).answer
        async with following(world, "0") as response, following(world) as full:
            await until_there_is_room(world)

            with pytest.raises((ClientError, ConnectionError)):
                await until(response, lambda _: False)

    assert (response.status, full.status) == (200, 429)
