"""Licence orders for new customers through the whole saga: licensing, tenancy, auth and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import aiohttp

from bench.figures import Goal, Spread, heading, line, percentile, progress
from bench.stage import Stage
from portal.ports import LOOPBACK
from services.tenancy.actions.resellers import create_reseller
from services.tenancy.app import build
from services.tenancy.settings import TenancySettings
from shared.access import Permission
from shared.clock import monotonic, utc_now
from shared.contracts.events import Service
from shared.ids import new_id
from shared.keys import Keys
from shared.passes import Pass, issue
from shared.service import foundation, rabbit
from tests.support.processes import free_port

AT_ONCE: Final = 16
LIMIT_SECONDS: Final = 60.0
RESELLER: Final = "100001.rsp"
PATH: Final = f"/v1/resellers/{RESELLER}/licence-orders"


@dataclass(frozen=True)
class Size:
    rounds: int
    orders: int
    """Of each round."""


FULL: Final = Size(rounds=3, orders=200)
SMOKE: Final = Size(rounds=1, orders=2)


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "orders: a licence for a new customer, from the request to the licence and the invitation",
        f"licensing, tenancy, auth, mongod and RabbitMQ are processes; {size.orders} orders a "
        f"round, {AT_ONCE} requests at once",
    )
    rates, waits, invited = list[float](), list[float](), list[float]()
    async with _services(stage) as url:
        headers = {"Authorization": f"Bearer {_pass(stage)}"}
        async with aiohttp.ClientSession(url, headers=headers) as http:
            await _known(http)
            for number in range(size.rounds):
                rates.append(await _round(http, size.orders, waits, invited))
                progress(f"round {number + 1} of {size.rounds}: {rates[-1]:.0f} orders/s")
    line("orders fulfilled and invited for", Spread.of(rates), "per s")
    for share in (0.5, 0.99):
        line(f"placed → fulfilled, p{share * 100:.0f}", _one(percentile(waits, share)), "ms")
        line(f"placed → invited, p{share * 100:.0f}", _one(percentile(invited, share)), "ms")
    return []


def _one(value: float) -> Spread:
    return Spread(value, value, value)


@asynccontextmanager
async def _services(stage: Stage) -> AsyncIterator[str]:
    """Where licensing answers, with a reseller that may order."""
    settings = {"PORTAL_DATABASE_PREFIX": f"b_{new_id()[:12]}_"}
    urls = {}
    async with AsyncExitStack() as stack:
        for name in ("auth", "tenancy", "licensing"):
            port = free_port()
            urls[name] = f"http://{LOOPBACK}:{port}"
            ready = f"{urls[name]}/readyz"
            await stack.enter_async_context(stage.service(name, port, settings, ready))
        await _add_reseller(stage, settings["PORTAL_DATABASE_PREFIX"])
        yield urls["licensing"]


async def _add_reseller(stage: Stage, database_prefix: str) -> None:
    settings = TenancySettings(
        mongo_url=stage.mongo_url,
        amqp_url=stage.amqp_url,
        database_prefix=database_prefix,
        _secrets_dir=stage.keys / "tenancy",
    )
    async with foundation(Service.TENANCY, settings, rabbit(stage.amqp_url)) as base:
        deps = await build(base, settings)
        await create_reseller(deps, reseller_id=RESELLER, name="Reseller", locale="de")
        await base.outbox.flush()


def _pass(stage: Stage) -> str:
    """What the gateway sends with a reseller's request, good for the whole run."""
    granted = Pass(
        subject="account",
        session="session",
        org=RESELLER,
        place=RESELLER,
        permissions=frozenset({Permission.LICENCE_CREATE, Permission.LICENCE_READ}),
        reseller=RESELLER,
        expires_at=int(utc_now().timestamp()) + 3600,
    )
    return issue(Keys.parse((stage.keys / "gateway/portal_pass_keys").read_text()), granted)


async def _known(http: aiohttp.ClientSession) -> None:
    """Wait until licensing has heard of the reseller."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while await _place(http) is None:  # noqa: ASYNC110 only asking tells
            await asyncio.sleep(0.1)


async def _place(http: aiohttp.ClientSession) -> str | None:
    admin = {"username": "chef", "email": f"{new_id()}@customer.example"}
    body = {
        "product": "mobile-security",
        "seats": 5,
        "term_months": 12,
        "customer": {"new": {"name": "Customer", "admin": admin}},
    }
    async with http.post(PATH, json=body) as response:
        return response.headers["Location"] if response.ok else None


async def _round(
    http: aiohttp.ClientSession, count: int, waits: list[float], invited: list[float]
) -> float:
    """Orders per second until all are fulfilled and invited for; their waits in milliseconds."""
    begun, gate = monotonic(), asyncio.Semaphore(AT_ONCE)

    async def place() -> str:
        async with gate:
            path = await _place(http)
        if path is None:
            raise RuntimeError("an order was refused")
        return path

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(place()) for _ in range(count)]
    orders = [await _done(http, task.result()) for task in tasks]
    taken = monotonic() - begun
    for order in orders:
        at = {step["step"]: datetime.fromisoformat(step["at"]) for step in order["steps"]}
        waits.append((at["fulfilled"] - at["placed"]).total_seconds() * 1000)
        invited.append((at["admin_invited"] - at["placed"]).total_seconds() * 1000)
    return count / taken


async def _done(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_SECONDS):
        while True:
            async with http.get(path) as response:
                order: dict[str, Any] = await response.json()
            if {"fulfilled", "admin_invited"} <= {step["step"] for step in order["steps"]}:
                return order
            await asyncio.sleep(0.05)
