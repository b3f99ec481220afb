"""The gateway put together: the table of operations, the doorman, the services behind, the bus."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import resources
from typing import Final

import structlog
from aiohttp import web

from services.gateway.clients.doorman import Doorman
from services.gateway.clients.followers import Followers
from services.gateway.clients.gossip import tell_what_was_used
from services.gateway.clients.guards import GuardedUpstream
from services.gateway.clients.pulse import Pulse
from services.gateway.clients.upstreams import HttpUpstream
from services.gateway.deps import Deps
from services.gateway.domain.cors import Sites
from services.gateway.domain.crowds import Crowds
from services.gateway.domain.operations import Table
from services.gateway.domain.proxies import Proxies
from services.gateway.domain.quotas import Quotas
from services.gateway.domain.room import Room
from services.gateway.domain.trust import BUS_SILENT_SECONDS, Senses
from services.gateway.handlers.door import door, go_on, secure
from services.gateway.handlers.operators import operators_app
from services.gateway.handlers.pages import add_pages
from services.gateway.settings import GatewaySettings
from services.gateway.subscriptions import NEWS, hear
from shared.bodies import BODY_LIMIT
from shared.bus import Bus, BusLostError, Hear
from shared.clock import Clock, utc_now
from shared.contracts.events import CloudEvent, Service
from shared.ids import new_id
from shared.keys import Keys
from shared.listener import Dress, Runner
from shared.metrics import Metrics
from shared.routing import PATH_PATTERNS
from shared.service import Connect, Serving, listen_on

log = structlog.get_logger()
IDLE_SECONDS: Final = 30.0
"""For how long a connection may be without a request whose head is complete."""
AGAIN_SECONDS: Final = 1.0
LARGE_AT_ONCE: Final = 8
"""Large answers that one organisation takes at once, per replica."""


class Ear:
    """The gateway's place on the bus. It starts without one: until the bus is heard, no decision
    is trusted for long.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._bus: Bus | None = None

    def silent_seconds(self) -> float:
        return self._bus.heard_seconds_ago() if self._bus else float("inf")

    async def say(self, event: CloudEvent) -> None:
        if self._bus is not None and self.silent_seconds() <= BUS_SILENT_SECONDS:
            await self._bus.publish([event])

    async def open(self, doorman: Doorman, quotas: Quotas, followers: Followers) -> None:
        """Until it hears; a bus that is lost on the way there is waited for again."""
        while self._bus is None:
            try:
                self._bus = await self._listening(
                    lambda event: hear(doorman, quotas, followers, event)
                )
            except BusLostError:
                log.warning("bus_lost_at_the_start")
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listening(self, hear_of: Hear) -> Bus:
        bus = await self._connect(Service.GATEWAY)
        try:
            await bus.listen(NEWS, hear_of)
        except BaseException:
            await bus.close()
            raise
        return bus

    async def close(self) -> None:
        if self._bus is not None:
            await self._bus.close()


@asynccontextmanager
async def open_gateway(
    settings: GatewaySettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    metrics, stopping, ear = Metrics(Service.GATEWAY), asyncio.Event(), Ear(connect)
    room = Room(settings.answers_mib * 1024 * 1024)
    async with _behind(settings, room) as upstreams:
        pulse = Pulse(settings.tenancy_url)
        doorman = Doorman(
            auth=upstreams["auth"].lane(),
            tenancy=upstreams["tenancy"].lane(),
            pass_keys=Keys.parse(settings.pass_keys.get_secret_value()),
            issuer=settings.public_url,
            now=now,
            senses=Senses(ear.silent_seconds, lambda: pulse.lost_at),
        )
        quotas = Quotas(settings.quotas, new_id(), ear.silent_seconds)
        document = await asyncio.to_thread(_document)
        deps = Deps(
            table=Table(json.loads(document), PATH_PATTERNS),
            doorman=doorman,
            upstreams=upstreams,
            quotas=quotas,
            crowds=Crowds(settings.at_once),
            large=Crowds(LARGE_AT_ONCE),
            room=room,
            followers=Followers(settings.streams_of_account, settings.streams),
            proxies=Proxies(settings.proxies, settings.proxy_header),
            sites=Sites(settings.sites),
            metrics=metrics,
            document=document,
            is_https=settings.public_url.startswith("https://"),
        )
        tasks = {
            asyncio.create_task(ear.open(doorman, quotas, deps.followers)),
            asyncio.create_task(tell_what_was_used(quotas, ear, now)),
            asyncio.create_task(pulse.feel()),
            asyncio.create_task(doorman.feel()),
        }
        dress = partial(secure, is_https=deps.is_https)
        public = _runner(_public_app(deps), settings, dress)
        operators = _runner(
            operators_app(
                metrics, lambda: _open_breakers(upstreams), ear.silent_seconds, stopping.is_set
            ),
            settings,
            dress,
        )
        try:
            await public.setup()
            await operators.setup()
            up = Serving(await listen_on(public, settings.host, settings.port))
            ops_url = await listen_on(operators, settings.host, settings.ops_port)
            log.info("service_started", service=Service.GATEWAY, url=up.url, ops_url=ops_url)
            for task in tasks:
                task.add_done_callback(lambda ended: _noticed(up, ended))
            yield up
        finally:
            stopping.set()
            deps.followers.close()
            for task in tasks:
                task.cancel()
            await public.cleanup()
            await operators.cleanup()
            await asyncio.wait(tasks)
            await ear.close()
            log.info("service_stopped", service=Service.GATEWAY)


def _document() -> bytes:
    return resources.files(__package__).joinpath("openapi.json").read_bytes()


@asynccontextmanager
async def _behind(
    settings: GatewaySettings, room: Room
) -> AsyncIterator[dict[str, GuardedUpstream]]:
    urls = {
        "auth": settings.auth_url,
        "tenancy": settings.tenancy_url,
        "licensing": settings.licensing_url,
        "mailer": settings.mailer_url,
    }
    limits = settings.upstream_seconds, settings.upstream_silent_seconds
    services = {name: HttpUpstream(url, *limits, room) for name, url in urls.items()}
    try:
        yield {
            name: GuardedUpstream(service, settings.upstream_at_once)
            for name, service in services.items()
        }
    finally:
        for service in services.values():
            service.close()


def _open_breakers(upstreams: Mapping[str, GuardedUpstream]) -> dict[str, bool]:
    return {name: upstream.is_open for name, upstream in upstreams.items()}


def _public_app(deps: Deps) -> web.Application:
    app = web.Application(client_max_size=BODY_LIMIT)
    add_pages(app, deps)
    app.router.add_route("*", "/{path:.*}", door(deps), expect_handler=go_on)
    return app


def _runner(app: web.Application, settings: GatewaySettings, dress: Dress) -> Runner:
    grace = settings.grace_seconds
    return Runner(app, keepalive_seconds=IDLE_SECONDS, grace_seconds=grace, dress=dress)


def _noticed(up: Serving, task: "asyncio.Task[None]") -> None:
    """That the bus can't be used for another reason than its absence is fatal."""
    if not task.cancelled() and task.exception() is not None and not up.ended.done():
        up.ended.set_exception(RuntimeError(f"can't use the bus: {task.exception()!r}"))
