"""Puts the demo world into a portal, through the services' own actions and events.

What is there already is left as it is, so that seeding twice changes nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import Field, SecretStr

from portal.demo.world import DemoTenant, World, demo_world
from services.auth.actions.import_account import ImportedAccount, import_account
from services.auth.app import build as build_auth
from services.auth.settings import AuthSettings
from services.licensing.actions.licences import grant_licence
from services.licensing.app import build as build_licensing
from services.licensing.settings import LicensingSettings
from services.tenancy.actions.resellers import create_reseller
from services.tenancy.actions.tenants import create_tenant
from services.tenancy.app import build as build_tenancy
from services.tenancy.settings import TenancySettings
from shared.clock import utc_now
from shared.contracts.events import Service
from shared.keys import document_keys, signing_keys, vault_keys
from shared.service import Connect, foundation

SEATS: Final = 25
TERM: Final = timedelta(days=3 * 365)


class LicensingSeedSettings(LicensingSettings):
    """Seeding activates no device and signs nothing, so it needs none of licensing's own keys."""

    licence_keys: SecretStr = Field(default_factory=lambda: SecretStr(document_keys().private()))
    device_keys: SecretStr = Field(default_factory=lambda: SecretStr(vault_keys().private()))


class TenancySeedSettings(TenancySettings):
    """Seeding links no activity into its chains and sends nothing, so it needs no keys."""

    activity_keys: SecretStr = Field(default_factory=lambda: SecretStr(signing_keys().private()))
    webhook_keys: SecretStr = Field(default_factory=lambda: SecretStr(vault_keys().private()))


@dataclass(frozen=True)
class SeedSettings:
    auth: AuthSettings
    tenancy: TenancySettings
    licensing: LicensingSettings


async def seed(settings: SeedSettings, connect: Connect, world: World | None = None) -> int:
    """Add what is missing of a world, the demo world by default; returns how many accounts."""
    world = world or demo_world()
    await _organisations(settings.tenancy, connect, world)
    await _licences(settings.licensing, connect, world)
    return await _accounts(settings.auth, connect, world)


async def _organisations(settings: TenancySettings, connect: Connect, world: World) -> None:
    async with foundation(Service.TENANCY, settings, connect) as base:
        deps = await build_tenancy(base, settings)
        for reseller in world.resellers:
            await create_reseller(
                deps, reseller_id=reseller.id, name=reseller.name, locale=reseller.locale
            )
        for tenant in world.tenants:
            await create_tenant(
                deps,
                tenant_id=tenant.id,
                name=tenant.name,
                reseller_id=tenant.reseller_id,
                locale=tenant.locale,
                reseller_number=tenant.reseller_number,
            )
        await base.outbox.flush()


async def _licences(settings: LicensingSettings, connect: Connect, world: World) -> None:
    async with foundation(Service.LICENSING, settings, connect) as base:
        deps = await build_licensing(base, settings)
        for tenant in world.tenants:
            starts_on, ends_on = _term(tenant, utc_now().date())
            await grant_licence(
                deps,
                licence_id=tenant.licence_id,
                tenant_id=tenant.id,
                reseller_id=tenant.reseller_id,
                product="mobile-security",
                seats=SEATS,
                starts_on=starts_on,
                ends_on=ends_on,
            )
        await base.outbox.flush()


def _term(tenant: DemoTenant, today: date) -> tuple[date, date]:
    ends_on = today + TERM if tenant.licence_ended is None else today - tenant.licence_ended
    return ends_on - TERM, ends_on


async def _accounts(settings: AuthSettings, connect: Connect, world: World) -> int:
    added = 0
    async with foundation(Service.AUTH, settings, connect) as base:
        deps = await build_auth(base, settings)
        for account in world.accounts:
            added += await import_account(
                deps,
                ImportedAccount(
                    org=account.org,
                    username=account.username,
                    password=account.password,
                    totp_secret=account.totp_secret,
                    roles=account.roles,
                    email=account.email,
                    display_name=account.display_name,
                    locale=account.locale,
                    is_primary=account.is_primary,
                ),
            )
        await base.outbox.flush()
        deps.hasher.close()
    return added
