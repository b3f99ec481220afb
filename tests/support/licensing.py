"""Licensing's settings and licences for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Final

from services.licensing.actions.licences import grant_licence
from services.licensing.app import build, open_licensing
from services.licensing.settings import LicensingSettings
from shared.contracts.events import Service
from shared.contracts.tenancy import ResellerCreated, TenantCreated
from shared.keys import document_keys, vault_keys
from shared.service import in_process
from tests.support.service import Client, settings_of

DEVICE_KEYS: Final = vault_keys()
LICENCE_KEYS: Final = document_keys()


def licensing_settings(mongo_url: str, **more: Any) -> LicensingSettings:
    return settings_of(
        LicensingSettings,
        mongo_url,
        device_keys=DEVICE_KEYS.private(),
        licence_keys=LICENCE_KEYS.private(),
        **more,
    )


async def knowing_two_customers(licensing: Client) -> None:
    """123456.sms of 100001.rsp, and 200001.sms of 100002.rsp."""
    for reseller_id, tenant_id in (("100001.rsp", "123456.sms"), ("100002.rsp", "200001.sms")):
        await licensing.deliver(ResellerCreated(reseller_id=reseller_id, name="R", locale="de"))
        tenant = TenantCreated(
            tenant_id=tenant_id, name="Acme", reseller_id=reseller_id, locale="de"
        )
        await licensing.deliver(tenant)


async def a_licence(  # noqa: PLR0913 a licence's own facts, each with its name
    licensing: Client,
    licence_id: str = "l-1",
    *,
    of: str = "123456.sms",
    product: str = "mobile-security",
    seats: int = 10,
    starts_on: str = "2026-03-10",
    ends_on: str = "2027-03-09",
) -> str:
    """Grant a licence and return its key."""
    async with licensing.acting(build) as deps:
        await grant_licence(
            deps,
            licence_id=licence_id,
            tenant_id=of,
            reseller_id="100001.rsp",
            product=product,
            seats=seats,
            starts_on=date.fromisoformat(starts_on),
            ends_on=date.fromisoformat(ends_on),
        )
        licence = await deps.licences.get(of, licence_id)
    assert licence is not None
    return licence.key


@asynccontextmanager
async def another_replica(licensing: Client) -> AsyncIterator[Client]:
    """A second process' worth of the same service on the same database."""
    connect = in_process(licensing.hub)
    async with open_licensing(licensing.settings, connect, licensing.now) as up:  # type: ignore[arg-type]  # its own settings
        http = type(licensing.http)(up.url)
        async with http:
            yield Client(
                Service.LICENSING,
                licensing.settings,
                licensing.now,
                licensing.hub,
                licensing.mongo,
                http,
            )
