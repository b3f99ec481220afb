"""Builds licensing out of its parts and runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.licensing.deps import Deps
from services.licensing.routes import ROUTES
from services.licensing.settings import LicensingSettings
from services.licensing.store.licences import Licences
from services.licensing.store.orders import Orders
from services.licensing.store.resellers import Resellers
from services.licensing.store.tenants import Tenants
from services.licensing.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.service import Connect, Foundation, Serving, foundation, serving


@asynccontextmanager
async def open_licensing(
    settings: LicensingSettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.LICENSING, settings, connect, now) as base:
        deps = await build(base, settings)
        async with serving(base, deps, routes=ROUTES, subscriptions=SUBSCRIPTIONS) as up:
            yield up


async def build(base: Foundation, _: LicensingSettings) -> Deps:
    """The service's dependencies, with its collections' indexes in place."""
    deps = Deps(
        licences=Licences(base.mongo.collection("licences")),
        orders=Orders(base.mongo.collection("orders")),
        resellers=Resellers(base.mongo.collection("resellers")),
        tenants=Tenants(base.mongo.collection("tenants")),
        transact=base.outbox.transact,
        now=base.now,
    )
    await deps.licences.prepare()
    await deps.orders.prepare()
    return deps
