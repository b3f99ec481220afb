"""Whole portals for system tests: embedded in one process, and as processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import aiohttp

from portal.catcher import run_catcher
from portal.keyring import make_keys
from portal.ports import LOOPBACK
from shared.clock import monotonic
from shared.ids import new_id
from shared.mongo.database import open_mongo
from tests.support.person import Portal
from tests.support.processes import Process, free_port, python_module

UNLIMITED: Final = {
    "PORTAL_SOURCE_PER_MINUTE": "0",
    "PORTAL_ACCOUNT_PER_MINUTE": "0",
    "PORTAL_KEY_PER_MINUTE": "0",
    "PORTAL_ORGANISATION_PER_MINUTE": "0",
    "PORTAL_AT_ONCE": "0",
    "PORTAL_UPSTREAM_AT_ONCE": "1000",
}
"""Settings of a gateway that takes whatever a test or a benchmark sends it."""
RECEIVER_PORT: Final = free_port()
"""Where a receiver of webhooks may listen in these tests."""
_WEBHOOKS: Final = {"PORTAL_WEBHOOK_EXEMPT_ORIGINS": f"http://{LOOPBACK}:{RECEIVER_PORT}"}
REPLICAS: Final = {"tenancy": 1, "licensing": 2, "auth": 2, "mailer": 2}


@asynccontextmanager
async def embedded(
    folder: Path, env: Mapping[str, str] | None = None, *, host: str = LOOPBACK
) -> AsyncIterator[tuple[Portal, Process]]:
    """`portal up` on free ports; on the bus in the process, whatever broker there is elsewhere.

    `host` is what people call this machine.
    """
    port, mail_port = free_port(), free_port()
    options = ["--port", str(port), "--mail-port", str(mail_port), "--data-dir", str(folder)]
    public_url = f"http://{host}:{port}"
    own = {"AMQP_URL": "", "PORTAL_PUBLIC_URL": public_url, **_WEBHOOKS, **(env or {})}
    process = python_module("portal.cli", "up", *options, log=folder / "portal.log", env=own)
    process.start()
    try:
        await process.answers(f"http://{LOOPBACK}:{port}/healthz", 60)
        await _until_said(process, "Stop with Ctrl-C.")
        async with _people() as http:
            yield Portal(public_url, f"http://{LOOPBACK}:{mail_port}", http), process
    finally:
        await process.stop()


@dataclass(frozen=True)
class Fleet:
    """A portal whose services are processes: `auth-0`, `auth-1` … each with its own URL."""

    portal: Portal
    processes: Mapping[str, Process]
    urls: Mapping[str, str]
    environment: Mapping[str, str]


@asynccontextmanager
async def fleet(folder: Path, mongo_url: str, amqp_url: str) -> AsyncIterator[Fleet]:
    """All services as processes on RabbitMQ, two replicas of auth, licensing and mailer."""
    prefix = f"s_{new_id()[:12]}_"
    make_keys(folder / "keys")
    async with AsyncExitStack() as stack:
        catcher = await stack.enter_async_context(run_catcher(folder / "mails", LOOPBACK, 0))
        port, ops_port = free_port(), free_port()
        common = {
            "MONGO_URL": mongo_url,
            "AMQP_URL": amqp_url,
            "PORTAL_DATABASE_PREFIX": prefix,
            "PORTAL_PUBLIC_URL": f"http://{LOOPBACK}:{port}",
            "PORTAL_SMTP_HOST": LOOPBACK,
            "PORTAL_SMTP_PORT": str(catcher.smtp_port),
            "PORTAL_SMTP_SECURITY": "none",
            **_WEBHOOKS,
        }
        processes, urls, addresses = {}, {}, {}
        for name, count in REPLICAS.items():
            for number in range(count):
                own = {"PORTAL_PORT": str(free_port()), **common}
                replica = _service(folder, name, own, f"{name}-{number}")
                processes[f"{name}-{number}"] = replica
                urls[f"{name}-{number}"] = f"http://{LOOPBACK}:{own['PORTAL_PORT']}"
            replicas = [urls[f"{name}-{number}"] for number in range(count)]
            addresses[f"PORTAL_{name.upper()}_URL"] = ",".join(replicas)
        own = {"PORTAL_PORT": str(port), "PORTAL_OPS_PORT": str(ops_port), **common, **addresses}
        own |= UNLIMITED
        processes["gateway-0"] = _service(folder, "gateway", own, "gateway-0")
        urls["gateway-0"] = f"http://{LOOPBACK}:{ops_port}"
        stack.push_async_callback(_clean_up, processes, mongo_url, prefix)
        for process in processes.values():
            process.start()
        for name, process in processes.items():
            await process.answers(f"{urls[name]}/readyz", 60)
        await _seed(folder, common)
        http = await stack.enter_async_context(_people())
        portal = Portal(f"http://{LOOPBACK}:{port}", catcher.url, http)
        yield Fleet(portal, processes, urls, common)


@asynccontextmanager
async def another_gateway(
    running: Fleet, *, hears: bool = True, **more: str
) -> AsyncIterator[Portal]:
    """The same portal by way of one more replica of its gateway, with settings of its own; it
    hears the bus unless it can't.
    """
    first = running.processes["gateway-0"]
    port, ops_port = free_port(), free_port()
    env = {**first.env, "PORTAL_PORT": str(port), "PORTAL_OPS_PORT": str(ops_port), **more}
    process = python_module("services.gateway", log=first.log.with_name("gateway-1.log"), env=env)
    process.start()
    try:
        ready = f"http://{LOOPBACK}:{ops_port}/readyz"
        await process.answers(ready, 60)
        if hears:
            await _until_it_hears(running.portal.http, ready)
        yield replace(running.portal, url=f"http://{LOOPBACK}:{port}")
    finally:
        await process.stop()


async def _until_it_hears(http: aiohttp.ClientSession, ready: str) -> None:
    async with asyncio.timeout(60):
        while True:
            async with http.get(ready) as response:
                if (await response.json())["bus"]:
                    return
            await asyncio.sleep(0.05)


def _service(folder: Path, name: str, env: Mapping[str, str], log: str) -> Process:
    own = {**env, "PORTAL_SECRETS_DIR": str(folder / "keys" / name)}
    return python_module(f"services.{name}", log=folder / f"{log}.log", env=own)


async def _seed(folder: Path, common: Mapping[str, str]) -> None:
    env = {**common, "PORTAL_DEMO": "1", "PORTAL_SECRETS_DIR": str(folder / "keys" / "auth")}
    seeding = python_module("portal.cli", "demo", "seed", log=folder / "seed.log", env=env)
    seeding.start()
    assert await seeding.ended(60), "seeding takes too long"
    assert seeding.exit_code == 0, seeding.output


async def _clean_up(processes: Mapping[str, Process], mongo_url: str, prefix: str) -> None:
    for process in processes.values():
        await process.stop()
    for name in REPLICAS:
        async with open_mongo(mongo_url, f"{prefix}{name}") as mongo:
            await mongo.drop()


async def _until_said(process: Process, words: str, within_seconds: float = 100) -> None:
    until = monotonic() + within_seconds
    while words not in process.output:
        assert process.is_running, f"ended with {process.exit_code}:\n{process.output[-4000:]}"
        assert monotonic() < until, f"does not say {words!r}:\n{process.output[-4000:]}"
        await asyncio.sleep(0.05)


def _people() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=30)
    )
