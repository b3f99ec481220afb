"""One service for real: its app on a real MongoDB, the bus in this process, a fixed clock."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar

from aiohttp import ClientResponse, ClientSession
from multidict import CIMultiDictProxy

from shared.access import Permission
from shared.bus import Hub, queues_for
from shared.clock import Clock
from shared.contracts.events import CATALOGUE, CloudEvent, Event, Service
from shared.ids import new_id
from shared.keys import Keys, signing_keys
from shared.mongo.database import Mongo, open_mongo
from shared.passes import LIFETIME_SECONDS, Pass, issue
from shared.service import Connect, Foundation, Serving, foundation, in_process
from shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)
D = TypeVar("D")
E = TypeVar("E", bound=Event)
Json: TypeAlias = dict[str, Any]
Open: TypeAlias = Callable[[S, Connect, Clock], AbstractAsyncContextManager[Serving]]

GATEWAY_KEYS: Final = signing_keys()
NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is told to move."""

    instant: datetime = NOON

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: Any
    """The JSON document, the text where it is another one, None where there is no body."""


def a_pass(place: str, *permissions: Permission, org: str | None = None, **more: Any) -> Pass:
    """A pass for this place; whoever holds it is at home there unless `org` says otherwise."""
    known = Pass(
        subject="account-1",
        session="session-1",
        org=org or place,
        place=place,
        permissions=frozenset(permissions),
        reseller=None,
        expires_at=0,
    )
    return replace(known, **more)


def settings_of(kind: type[S], mongo_url: str, **more: Any) -> S:
    """Settings of a service under test: a free port and databases that nobody else has."""
    return kind(
        mongo_url=mongo_url,
        amqp_url="amqp://nobody.invalid/",
        database_prefix=f"t_{new_id()[:12]}_",
        port=0,
        pass_public_keys=GATEWAY_KEYS.public(),
        **more,
    )


@dataclass
class Client:
    """Speaks to the service as the gateway and the bus do, and hears what it publishes."""

    service: Service
    settings: ServiceSettings
    now: FixedClock
    hub: Hub
    mongo: Mongo
    http: ClientSession
    published: list[CloudEvent] = field(default_factory=list)
    gateway_keys: Keys = GATEWAY_KEYS

    async def get(self, path: str, *, as_: Pass | None, **more: Any) -> Answer:
        return await self.send("GET", path, as_=as_, **more)

    async def post(self, path: str, *, as_: Pass | None, **more: Any) -> Answer:
        return await self.send("POST", path, as_=as_, **more)

    async def patch(self, path: str, *, as_: Pass | None, **more: Any) -> Answer:
        return await self.send("PATCH", path, as_=as_, **more)

    async def delete(self, path: str, *, as_: Pass | None, **more: Any) -> Answer:
        return await self.send("DELETE", path, as_=as_, **more)

    async def send(
        self,
        method: str,
        path: str,
        *,
        as_: Pass | None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        """A request with this pass; `json`, `data` and `params` as aiohttp's client takes them."""
        sent = dict(headers or {})
        if as_ is not None:
            sent["Authorization"] = f"Bearer {self.signed(as_)}"
        async with self.http.request(method, path, headers=sent, **more) as response:
            return Answer(response.status, response.headers, await _body(response))

    def signed(self, granted: Pass) -> str:
        """The pass as the gateway sends it; without a time of its own it lives as long as any."""
        until = granted.expires_at or int(self.now().timestamp()) + LIFETIME_SECONDS
        return issue(self.gateway_keys, replace(granted, expires_at=until))

    async def deliver(
        self,
        event: Event,
        *,
        times: int = 1,
        sequence: int = 1,
        event_id: str | None = None,
        source: str = "/portal/test",
        actor_org: str | None = None,
    ) -> None:
        """Hand an event to the service as the bus would, this often under one id."""
        sent = CloudEvent(
            id=event_id or new_id(),
            source=source,
            type=event.type,
            subject=event.subject,
            time=self.now(),
            sequence=sequence,
            actororg=actor_org,
            data=event.model_dump(mode="json", exclude_none=True),
        )
        assert self.service in queues_for(event.type), f"{self.service} doesn't read {event.type}"
        for _ in range(times):
            async with asyncio.TaskGroup() as group:  # a task, so that its context stays its own
                group.create_task(self._hand_over(sent))

    async def _hand_over(self, event: CloudEvent) -> None:
        await self.hub.readers[self.service](event)

    async def heard(self, kind: type[E]) -> list[E]:
        """All events of this kind that the service has published so far, each once."""
        return [kind.model_validate(event.data) for event in await self.envelopes(kind)]

    async def envelopes(self, kind: type[Event]) -> list[CloudEvent]:
        outbox = self.mongo.collection("outbox")
        async with asyncio.timeout(5):
            while await outbox.count({}):
                await asyncio.sleep(0.01)
        once = {event.id: event for event in self.published if event.type == kind.type}
        return list(once.values())

    async def failed(self) -> list[str]:
        """Why events were not handled that wait to be tried again."""
        rows = await self.mongo.collection("retries").find({})
        return [row["reason"] for row in rows]

    @asynccontextmanager
    async def acting(self, build: Callable[[Foundation, S], Awaitable[D]]) -> AsyncIterator[D]:
        """The service's dependencies, for calling an action as a command line would."""
        connect = in_process(self.hub)
        async with foundation(self.service, self.settings, connect, self.now) as base:
            yield await build(base, self.settings)  # type: ignore[arg-type]  # whoever calls knows which settings these are
            await base.outbox.flush()


async def _body(response: ClientResponse) -> Any:
    text = await response.text()
    is_json = response.content_type.endswith("json")  # JSON lines are text
    return json.loads(text) if text and is_json else text or None


@asynccontextmanager
async def running(
    service: Service, opened: Open[S], settings: S, now: FixedClock | None = None
) -> AsyncIterator[Client]:
    """The service until the context ends; its database is dropped then."""
    clock = now or FixedClock()
    hub = _hub_of_good_readers()
    name = f"{settings.database_prefix}{service}"
    async with open_mongo(settings.mongo_url, name) as mongo:
        try:
            async with (
                opened(settings, in_process(hub), clock) as up,
                ClientSession(up.url) as http,
            ):
                client = Client(service, settings, clock, hub, mongo, http)
                hub.listeners.append((frozenset(CATALOGUE), client.published.append))
                yield client
        finally:
            await mongo.drop()


def _hub_of_good_readers() -> Hub:
    """A hub where every other service takes whatever it is sent."""

    async def take(_: CloudEvent) -> None:
        """Taken."""

    return Hub(readers=dict.fromkeys(Service, take))
