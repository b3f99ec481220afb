"""The whole portal in one process, for trying it and for developing it (`portal up`).

Every service is the one that runs alone elsewhere, on a loopback port of its own; MongoDB is a real
one, the bus is in this process, and mails land in a catcher that shows them in the browser.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.catcher import run_catcher
from portal.console import Console
from portal.demo.seed import SeedSettings, seed
from portal.demo.world import World, demo_world
from portal.keyring import make_keys
from portal.mongod import run_mongod
from portal.ports import LOOPBACK, is_free
from services.auth.app import open_auth
from services.auth.settings import AuthSettings
from services.gateway.app import open_gateway
from services.gateway.settings import GatewaySettings
from services.licensing.app import open_licensing
from services.licensing.settings import LicensingSettings
from services.mailer.app import open_mailer
from services.mailer.settings import MailerSettings
from services.tenancy.app import open_tenancy
from services.tenancy.settings import TenancySettings
from shared.bus import Hub
from shared.logs import configure_logging
from shared.serve import stop_signal
from shared.service import Connect, Serving, in_process, rabbit
from shared.settings import AMQP_URL, MONGO_URL, Settings, told_by_line

S = TypeVar("S", bound=Settings)
_STOP_SECONDS: Final = 60.0


class PortTakenError(Exception):
    def __init__(self, port: int, option: str) -> None:
        super().__init__(f"Port {port} is taken by another program; choose another with {option}.")


class Environment(BaseSettings):
    """What embedded mode itself reads of the environment."""

    model_config = SettingsConfigDict(
        env_prefix="PORTAL_",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    mongo_url: str | None = Field(None, validation_alias="MONGO_URL", pattern=MONGO_URL)
    amqp_url: str | None = Field(None, validation_alias="AMQP_URL", pattern=AMQP_URL)
    public_url: str | None = None
    log_level: str = "INFO"


class _Demo(BaseSettings):
    """What embedded mode decides otherwise than a service would, unless the environment says."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", extra="ignore")

    totp_reset_wait: timedelta = timedelta(0)
    """Nobody waits a day for a lost second factor to be taken off."""
    throttle_source_failures: int = 1000
    """On loopback everybody is one source."""
    throttle_org_failures: int = 1000
    forgotten_reports: int = 1000


@dataclass(frozen=True)
class Options:
    port: int
    mail_port: int
    data_dir: Path
    world: World = field(default_factory=demo_world)
    """What a new portal is filled with."""
    door: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the gateway that are other than usual."""
    hub: Hub = field(default_factory=Hub)


@dataclass(frozen=True)
class Up:
    """The portal is up: where, and what must not end while it is."""

    portal_url: str
    mail_url: str
    lifelines: "set[asyncio.Future[Any]]"
    services: tuple[str, ...]
    """Where the services behind the gateway are."""


async def up(options: Options, console: Console) -> int:
    """Run the portal until Ctrl-C or SIGTERM; returns the exit code."""
    with told_by_line():
        environment = Environment()
    configure_logging(level="WARNING")  # until it is up, the steps say what is going on
    told = stop_signal(_STOP_SECONDS)
    console.say("Starting the Mobile Security Portal …")
    work = asyncio.create_task(_until(told, options, environment, console))
    either: set[asyncio.Future[Any]] = {told, work}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if not work.done() and not console.is_ready:
        work.cancel()
    await asyncio.wait({work})
    if work.cancelled():
        return 0
    return work.result()


async def _until(
    told: "asyncio.Future[None]", options: Options, environment: Environment, console: Console
) -> int:
    async with portal(options, environment, console) as running:
        console.ready(running.portal_url, running.mail_url)
        configure_logging(level=environment.log_level)
        await asyncio.wait({told, *running.lifelines}, return_when=asyncio.FIRST_COMPLETED)
        console.say("Stopping …")
        failed = any(one.done() for one in running.lifelines)
    console.say("Stopped; the data is kept.")
    return 1 if failed else 0


@asynccontextmanager
async def portal(options: Options, environment: Environment, console: Console) -> AsyncIterator[Up]:
    """Start everything in the order in which it is needed, and stop it in the reverse."""
    for port, option in ((options.port, "--port"), (options.mail_port, "--mail-port")):
        if port and not is_free(port):
            raise PortTakenError(port, option)
    folder = options.data_dir.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        mongo_url, lifelines = environment.mongo_url, set[asyncio.Future[Any]]()
        if mongo_url is None:
            with console.step("MongoDB"):
                mongod = await stack.enter_async_context(run_mongod(folder / "mongodb"))
            mongo_url = mongod.url
            lifelines.add(asyncio.create_task(mongod.wait()))
        with console.step("Keys"):
            await asyncio.to_thread(make_keys, folder / "keys")
        with console.step("Mail catcher"):
            catcher = await stack.enter_async_context(
                run_catcher(folder / "mails", LOOPBACK, options.mail_port)
            )
        public_url = environment.public_url or f"http://{LOOPBACK}:{options.port}"
        make = _SettingsMaker(folder / "keys", mongo_url, public_url, _Demo())
        connect = _bus(environment, options)
        started = await _start(stack, make, connect, catcher.smtp_port, options, console)
        await _seed_once(options, make, connect, console)
        lifelines |= {serving.ended for serving in started}
        urls = tuple(serving.url for serving in started)
        yield Up(urls[-1], catcher.url, lifelines, urls[:-1])


def _bus(environment: Environment, options: Options) -> Connect:
    """In the process, where nobody else reads it; the broker that AMQP_URL names otherwise."""
    if environment.amqp_url is None:
        return in_process(options.hub)
    return rabbit(environment.amqp_url)


async def _start(
    stack: AsyncExitStack,
    make: "_SettingsMaker",
    connect: Connect,
    smtp_port: int,
    options: Options,
    console: Console,
) -> list[Serving]:
    """The services, the gateway last: until then nobody can ask for anything. What is wrong with
    their settings is said before any of them starts.
    """
    mail: dict[str, Any] = {"smtp_port": smtp_port, "smtp_host": LOOPBACK, "smtp_security": "none"}
    behind: dict[str, Callable[[], AbstractAsyncContextManager[Serving]]] = {
        "tenancy": partial(open_tenancy, make(TenancySettings, "tenancy"), connect),
        "licensing": partial(open_licensing, make(LicensingSettings, "licensing"), connect),
        "auth": partial(open_auth, make(AuthSettings, "auth"), connect),
        "mailer": partial(open_mailer, make(MailerSettings, "mailer", **mail), connect),
    }
    started, urls = [], {}
    for name, opened in behind.items():
        with console.step(name.capitalize()) as notes:
            serving = await stack.enter_async_context(opened())
            notes.append(serving.url)
        started.append(serving)
        urls[f"{name}_url"] = serving.url
    with console.step("Gateway"):
        own = {"port": options.port, "ops_port": 0, **options.door}
        door = make(GatewaySettings, "gateway", **own, **urls)
        started.append(await stack.enter_async_context(open_gateway(door, connect)))
    return started


async def _seed_once(
    options: Options, make: "_SettingsMaker", connect: Connect, console: Console
) -> None:
    mark = options.data_dir.absolute() / "demo-is-seeded"
    if await asyncio.to_thread(mark.exists):
        return
    with console.step("Demo world"):
        settings = SeedSettings(
            make(AuthSettings, "auth"),
            make(TenancySettings, "tenancy"),
            make(LicensingSettings, "licensing"),
        )
        await seed(settings, connect, options.world)
        await asyncio.to_thread(mark.touch)


@dataclass(frozen=True)
class _SettingsMaker:
    """Settings as a service would read them, with what embedded mode decides filled in."""

    keys: Path
    mongo_url: str
    public_url: str
    demo: _Demo

    def __call__(self, kind: type[S], service: str, **given: Any) -> S:
        known = {
            "host": LOOPBACK,
            "port": 0,
            "mongo_url": self.mongo_url,
            "amqp_url": "amqp://in-process/",
            "public_url": self.public_url,
            **self.demo.model_dump(),
            **given,
        }
        with told_by_line():
            return kind(_secrets_dir=self.keys / service, **known)
