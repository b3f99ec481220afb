"""A running service: its three tables mounted, its tasks supervised, its stop graceful.

Start: database, bus, indexes, tasks, events, requests. Stop: readiness off, no further event, open
requests answered, what is committed published, bus closed, database closed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

import structlog
from aiohttp import web

from shared.bodies import BODY_LIMIT
from shared.bus import Bus, Hub, InProcessBus
from shared.clock import Clock, utc_now
from shared.context import Cause, begin
from shared.contracts.events import Service
from shared.dead_letters import DeadLetters
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.inbox import Inbox, Subscription
from shared.kept_answers import KeptAnswers
from shared.keys import Keys
from shared.listener import Runner
from shared.metrics import METRICS, Figures, Metrics
from shared.mongo.database import Mongo, open_mongo
from shared.outbox import Outbox
from shared.passes import PassReader
from shared.rabbitmq import RabbitBus
from shared.routing import Route
from shared.settings import ServiceSettings
from shared.web import edge, mount

D = TypeVar("D")
log = structlog.get_logger()
Connect: TypeAlias = Callable[[Service], Awaitable[Bus]]
"""Takes this service's place on the bus; waits for a bus that is away."""


@dataclass(frozen=True)
class Foundation:
    """What every service stands on."""

    service: Service
    settings: ServiceSettings
    mongo: Mongo
    bus: Bus
    outbox: Outbox
    now: Clock


@dataclass(frozen=True)
class Job(Generic[D]):
    """One line of a service's `schedule.py`."""

    seconds: float
    """How long it rests between two runs."""
    run: Callable[[D], Awaitable[None]]


def every(seconds: float, run: Callable[[D], Awaitable[None]]) -> Job[D]:
    """Run this so many seconds after it last ended; each replica does, so jobs claim their work."""
    return Job(seconds, run)


@dataclass
class Serving:
    """A service that is up."""

    url: str
    ended: "asyncio.Future[None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """Fails when one of the service's long tasks ends by itself: the process must not go on."""


def rabbit(url: str) -> Connect:
    """Places on this RabbitMQ; BusLostError where it goes while one is taken."""

    async def connect(service: Service) -> Bus:
        bus = RabbitBus(url, service)
        try:
            await bus.open()
        except BaseException:
            await bus.close()
            raise
        return bus

    return connect


def in_process(hub: Hub) -> Connect:
    """Places on one bus for all services of this process."""

    async def connect(_: Service) -> Bus:
        return InProcessBus(hub)

    return connect


@asynccontextmanager
async def foundation(
    service: Service, settings: ServiceSettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Foundation]:
    """The service's own database and its place on the bus."""
    name = f"{settings.database_prefix}{service}"
    async with open_mongo(settings.mongo_url, name) as mongo:
        bus = await connect(service)
        try:
            outbox = Outbox(mongo, bus, service, now)
            yield Foundation(service, settings, mongo, bus, outbox, now)
        finally:
            await bus.close()


@asynccontextmanager
async def serving(
    base: Foundation,
    deps: D,
    *,
    routes: Sequence[Route[D]],
    subscriptions: Sequence[Subscription[D]] = (),
    schedule: Sequence[Job[D]] = (),
    figures: Figures | None = None,
) -> AsyncIterator[Serving]:
    """Run the service on its port until the context ends."""
    metrics = Metrics(base.service, figures)
    inbox = Inbox(
        base.service,
        deps,
        subscriptions,
        mongo=base.mongo,
        outbox=base.outbox,
        bus=base.bus,
        now=base.now,
        metrics=metrics,
        ladder=base.settings.ladder,
    )
    answers = KeptAnswers(base.mongo, base.outbox, base.now)
    await _prepare(base, inbox, answers)
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(base.outbox.relay()), asyncio.create_task(inbox.retry())]
    tasks += [asyncio.create_task(_repeat(job, deps, stopping)) for job in schedule]
    runner = Runner(
        _application(base, deps, routes, answers, metrics, stopping),
        keepalive_seconds=75,
        grace_seconds=base.settings.grace_seconds,
    )
    await runner.setup()
    try:
        await inbox.start()
        up = Serving(await listen_on(runner, base.settings.host, base.settings.port))
        for task in tasks:
            task.add_done_callback(lambda ended: _noticed(up, stopping, ended))
        log.info("service_started", service=base.service, url=up.url)
        yield up
    finally:
        stopping.set()
        await base.bus.stop_consuming()
        await runner.cleanup()
        inbox.stop()
        base.outbox.stop()
        await asyncio.wait(tasks, timeout=base.settings.grace_seconds)
        log.info("service_stopped", service=base.service)


async def _prepare(base: Foundation, inbox: Inbox[Any], answers: KeptAnswers) -> None:
    await base.outbox.prepare()
    await inbox.prepare()
    await answers.prepare()


async def listen_on(runner: web.AppRunner, host: str, port: int) -> str:
    """Open the port and say where; OSError where it is taken."""
    site = web.TCPSite(runner, host, port)
    await site.start()
    return f"http://{host}:{runner.addresses[0][1]}"


def _application(
    base: Foundation,
    deps: D,
    routes: Sequence[Route[D]],
    answers: KeptAnswers,
    metrics: Metrics,
    stopping: asyncio.Event,
) -> web.Application:
    app = web.Application(middlewares=[edge], client_max_size=BODY_LIMIT)
    app[METRICS] = metrics
    letters = DeadLetters(base.mongo)
    passes = PassReader(Keys.parse(base.settings.pass_public_keys.get_secret_value()))
    mount(app, routes, deps, passes=passes, answers=answers, now=base.now)

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_: web.Request) -> web.Response:
        """Ready also without the bus: what is committed then is published when it is back."""
        checks = {"running": not stopping.is_set(), "database": await base.mongo.ping()}
        status = 200 if all(checks.values()) else 503
        return web.json_response({**checks, "bus": base.bus.is_connected}, status=status)

    async def measured(_: web.Request) -> web.Response:
        await metrics.look()
        oldest = await base.outbox.oldest_seconds()
        metrics.observe_bus(oldest_seconds=oldest, connected=base.bus.is_connected)
        metrics.observe_letters(await letters.waiting())
        return web.Response(body=metrics.text(), content_type="text/plain", charset="utf-8")

    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", measured)
    return app


async def _repeat(job: Job[D], deps: D, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        begin(Cause(new_id()), job=job.run.__name__)
        try:
            await job.run(deps)
        except UnavailableError as error:
            log.warning("job_waits", error_code=error.code)
        try:
            await asyncio.wait_for(stopping.wait(), job.seconds)
        except TimeoutError:
            continue


def _noticed(up: Serving, stopping: asyncio.Event, task: "asyncio.Task[Any]") -> None:
    """A long task has ended: fine while stopping, fatal otherwise."""
    if stopping.is_set() or up.ended.done():
        return
    error = None if task.cancelled() else task.exception()
    log.error("long_task_ended", task=task.get_name(), exc_info=error)
    up.ended.set_exception(error or RuntimeError("a long task ended"))
