"""Builds tenancy out of its parts and runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.tenancy.deps import Deps
from services.tenancy.routes import ROUTES
from services.tenancy.settings import TenancySettings
from services.tenancy.store.activity import Activities
from services.tenancy.store.resellers import Resellers
from services.tenancy.store.tenant_settings import SettingsOfTenants
from services.tenancy.store.tenants import Tenants
from services.tenancy.subscriptions import SUBSCRIPTIONS
from shared.clock import Clock, utc_now
from shared.contracts.events import Service
from shared.service import Connect, Foundation, Serving, foundation, serving


@asynccontextmanager
async def open_tenancy(
    settings: TenancySettings, connect: Connect, now: Clock = utc_now
) -> AsyncIterator[Serving]:
    async with foundation(Service.TENANCY, settings, connect, now) as base:
        deps = await build(base, settings)
        async with serving(base, deps, routes=ROUTES, subscriptions=SUBSCRIPTIONS) as up:
            yield up


async def build(base: Foundation, settings: TenancySettings) -> Deps:
    """The service's dependencies, with its collections' indexes in place."""
    deps = Deps(
        resellers=Resellers(base.mongo.collection("resellers")),
        tenants=Tenants(base.mongo.collection("tenants")),
        tenant_settings=SettingsOfTenants(base.mongo.collection("tenant_settings")),
        activities=Activities(base.mongo.collection("activity")),
        totp_required_from=settings.totp_required_from,
        transact=base.outbox.transact,
        now=base.now,
    )
    await deps.resellers.prepare()
    await deps.tenants.prepare()
    await deps.activities.prepare()
    return deps
