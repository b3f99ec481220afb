"""Tenants and licences for tests of tenancy."""

from datetime import date, timedelta
from typing import Final

from services.tenancy.actions.tenants import create_tenant
from services.tenancy.app import build
from shared.contracts.auth import AccountRecorded
from shared.contracts.licensing import LicenceCreated, LicenceTimeline
from shared.keys import signing_keys, vault_keys
from tests.support.service import NOON, Client

DAY: Final = timedelta(days=1)
ACTIVITY_KEYS: Final = signing_keys()
WEBHOOK_KEYS: Final = vault_keys()
TENANCY_KEYS: Final = {
    "activity_keys": ACTIVITY_KEYS.private(),
    "webhook_keys": WEBHOOK_KEYS.private(),
}


async def add_tenant(
    tenancy: Client, tenant_id: str, *, of: str = "100001.rsp", name: str = "Acme"
) -> None:
    async with tenancy.acting(build) as deps:
        await create_tenant(deps, tenant_id=tenant_id, name=name, reseller_id=of, locale="de")


def a_licence_of(
    tenant_id: str, *, licence_id: str = "l-1", starts: int = -1, ends: int = 364
) -> LicenceCreated:
    """Starts and ends so many days from noon; expiring 30 days before, in grace 30 days after."""
    return LicenceCreated(
        licence_id=licence_id,
        tenant_id=tenant_id,
        reseller_id="100001.rsp",
        product="mdm",
        seats=5,
        starts_on=date(2026, 3, 10) + starts * DAY,
        ends_on=date(2026, 3, 10) + ends * DAY,
        timeline=LicenceTimeline(
            starts_at=NOON + starts * DAY,
            expiring_at=NOON + (ends - 30) * DAY,
            grace_at=NOON + ends * DAY,
            expired_at=NOON + (ends + 30) * DAY,
        ),
    )


def an_account(name: str, org: str, *roles: str, status: str = "active") -> AccountRecorded:
    return AccountRecorded(
        account_id=name,
        org=org,
        username=name,
        email=f"{name}@somewhere.example",
        locale="de",
        display_name=name,
        roles=list(roles),
        status=status,
        has_second_factor=True,
    )
