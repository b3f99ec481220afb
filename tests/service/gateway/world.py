"""The gateway for real between a stranger's client and small servers that answer as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDictProxy
from pydantic import SecretStr
from typing_extensions import override

from services.gateway.app import open_gateway
from services.gateway.settings import GatewaySettings
from shared.bus import Bus, Hub, InProcessBus
from shared.contracts.events import CloudEvent, Event, Service
from shared.http_client import HttpClient, open_http_client
from shared.ids import new_id
from shared.keys import Keys, sign, signing_keys
from shared.passes import Pass, PassReader
from shared.service import Serving
from shared.tokens import ACCESS_TYPE, AUDIENCE, ENROLMENT_TYPE
from tests.support.processes import free_port
from tests.support.service import FixedClock

ISSUER: Final = "http://portal.test"
ACCOUNT: Final = "account-1"
SESSION: Final = "session-1"
TENANT: Final = "123456.sms"
RESELLER: Final = "100001.rsp"
TOKEN_KEYS: Final = signing_keys()
PASS_KEYS: Final = signing_keys()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived behind the gateway."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Upstream:
    """A service behind the gateway: keeps what it is sent, and answers `{}` or as it is told."""

    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)
    """By path; a handler may wait, refuse or answer anything."""
    otherwise: Handler | None = None
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        port = urlsplit(self.url).port or 0
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def public(self) -> list[Seen]:
        """What was handed on from outside."""
        return [one for one in self.seen if one.target.startswith("/v1")]

    def asked(self, start: str) -> int:
        """How many questions with such a target the gateway has put."""
        return sum(one.target.startswith(start) for one in self.seen)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = list(request.headers.items())
        if request.path != "/readyz":  # asked once a second, for nobody
            self.seen.append(Seen(request.method, request.raw_path, headers, body))
        handler = self.answers.get(request.path, self.otherwise)
        return await handler(request) if handler else web.json_response({})


class Wire(InProcessBus):
    """The bus in this process, which can fall silent."""

    silent_seconds = 0.0

    @override
    def heard_seconds_ago(self) -> float:
        return self.silent_seconds


@dataclass
class World:
    """The gateway, what is behind it, and what it knows of time and news."""

    now: FixedClock
    auth: Upstream
    tenancy: Upstream
    licensing: Upstream
    mailer: Upstream
    hub: Hub
    wire: Wire
    roles: list[str] = field(default_factory=lambda: ["admin"])
    org: str = TENANT
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How the caller's organisation stands to other places, as tenancy tells."""
    is_session_live: bool = True
    url: str = ""
    ops_url: str = ""
    http: HttpClient = field(init=False)

    @property
    def handed_on(self) -> list[Seen]:
        """All that came through the gateway, whatever service it was for."""
        services = (self.auth, self.tenancy, self.licensing, self.mailer)
        return [seen for service in services for seen in service.public]

    async def call(self, method: str, path: str, **more: Any) -> "Answer":
        async with self.http.request(
            method, self.url + path, allow_redirects=False, **more
        ) as response:
            raw = await response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            body = await response.json(content_type=None) if raw and is_json else None
            return Answer(response.status, response.headers, body)

    async def as_admin(self, method: str, path: str, **more: Any) -> "Answer":
        headers = {"Authorization": f"Bearer {self.token()}", **more.pop("headers", {})}
        return await self.call(method, path, headers=headers, **more)

    def token(
        self, *, keys: Keys = TOKEN_KEYS, typ: str = ACCESS_TYPE, seconds: int = 300, **more: Any
    ) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": ACCOUNT,
            "sid": SESSION,
            "org": self.org,
            "exp": int((self.now() + timedelta(seconds=seconds)).timestamp()),
            **more,
        }
        return sign(keys, typ, claims)

    def enrolment(self) -> str:
        return self.token(typ=ENROLMENT_TYPE)

    def pass_of(self, seen: Seen) -> Pass:
        """The pass that came with a request, read as a service reads it."""
        token = (seen.header("Authorization") or "").removeprefix("Bearer ")
        return PassReader(PASS_KEYS).read(token, self.now())

    async def raw(self, request: bytes, *, patience_seconds: float = 2) -> bytes:
        """Bytes in; the bytes that come out until the gateway hangs up or says no more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(self.url).port)
        writer.write(request)
        answer = b""
        with suppress(TimeoutError, ConnectionResetError):
            async with asyncio.timeout(patience_seconds):
                while part := await reader.read(65536):
                    answer += part
        writer.close()
        return answer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: CIMultiDictProxy[str]
    body: Any

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.body["code"]


@asynccontextmanager
async def a_world(**settings: Any) -> AsyncIterator[World]:
    """All of it, until the context ends; `settings` are the gateway's."""
    hub = Hub()
    wire = Wire(hub)
    auth, tenancy, licensing, mailer = (Upstream() for _ in range(4))
    world = World(FixedClock(), auth, tenancy, licensing, mailer, hub, wire)
    async with AsyncExitStack() as stack:
        for service in (auth, tenancy, licensing, mailer):
            await service.start()
            stack.push_async_callback(service.stop)
        _answer_questions(world)
        up = await stack.enter_async_context(a_replica(world, settings))
        world.url = up.url
        world.http = await stack.enter_async_context(open_http_client())
        yield world


@asynccontextmanager
async def a_replica(world: World, more: Mapping[str, Any]) -> AsyncIterator[Serving]:
    """A gateway before the same services and on the same bus as any other of this world."""

    async def connect(_: Service) -> Bus:
        return world.wire

    ops_port = free_port()
    world.ops_url = f"http://127.0.0.1:{ops_port}"
    known: dict[str, Any] = {
        "port": 0,
        "ops_port": ops_port,
        "amqp_url": "amqp://nobody.invalid/",
        "public_url": ISSUER,
        "pass_keys": SecretStr(PASS_KEYS.private()),
        "auth_url": world.auth.url,
        "tenancy_url": world.tenancy.url,
        "licensing_url": world.licensing.url,
        "mailer_url": world.mailer.url,
        "upstream_seconds": 2,
    }
    settings = GatewaySettings(**{**known, **more})
    async with open_gateway(settings, connect, world.now) as up:
        yield up


def _answer_questions(world: World) -> None:
    async def keys(_: web.Request) -> web.Response:
        return web.Response(text=TOKEN_KEYS.public(), content_type="application/json")

    async def session(_: web.Request) -> web.Response:
        if not world.is_session_live:
            return web.json_response({}, status=404)
        found = {"account_id": ACCOUNT, "org": world.org, "roles": world.roles}
        return web.json_response(found)

    async def place(request: web.Request) -> web.Response:
        found = world.places.get(request.path.rpartition("/")[2])
        return web.json_response(found or {}, status=200 if found else 404)

    async def other(request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/internal/places/"):
            return await place(request)
        return web.json_response({})

    world.auth.answers["/.well-known/jwks.json"] = keys
    world.auth.answers[f"/internal/sessions/{SESSION}"] = session
    world.tenancy.otherwise = other


def assigned(reseller: str | None = RESELLER, valid_until: str | None = None) -> dict[str, Any]:
    """Tenancy's answer about a tenant of the caller's reseller."""
    return {"relation": "assigned", "reseller_id": reseller, "valid_until": valid_until}


class Watch:
    """A monotonic clock that is told how much time has passed."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        self.seconds += 0.0001
        return self.seconds


def tell(world: World, event: Event) -> None:
    """News on the bus."""
    sent = CloudEvent(
        id=new_id(),
        source="/portal/test",
        type=event.type,
        subject=event.subject,
        time=world.now(),
        sequence=1,
        data=event.model_dump(mode="json"),
    )
    for types, hear in world.hub.listeners:
        if sent.type in types:
            hear(sent)


async def status(world: World, path: str = f"/v1/tenants/{TENANT}") -> int:
    return (await world.as_admin("GET", path)).status


def questions(world: World) -> tuple[int, int]:
    """How often auth and tenancy were asked."""
    return world.auth.asked("/internal/sessions/"), world.tenancy.asked("/internal/places/")
