"""Who and what is in the demo world. Its passwords and secrets are public: they guard nothing.

Accounts are named after their role. Everything follows from names, so that the same world can be
told anywhere without asking a database.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.access import Role


@dataclass(frozen=True)
class DemoReseller:
    id: str
    name: str
    locale: str


@dataclass(frozen=True)
class DemoTenant:
    id: str
    name: str
    reseller_id: str
    reseller_number: str
    locale: str
    licence_id: str
    licence_ended: timedelta | None
    """How long ago its licence ended; None where it is valid."""


@dataclass(frozen=True)
class DemoAccount:
    org: str
    username: str
    roles: tuple[str, ...]
    has_totp: bool
    locale: str
    display_name: str
    is_primary: bool = False

    @property
    def password(self) -> str:
        return f"demo-{self.org}-{self.username}"

    @property
    def totp_secret(self) -> str | None:
        """160 bits in base32, where the account has a second factor."""
        if not self.has_totp:
            return None
        digest = hashlib.sha1(f"demo {self.org} {self.username}".encode(), usedforsecurity=False)
        return base64.b32encode(digest.digest()).decode()

    @property
    def email(self) -> str:
        return f"{self.username}@{self.org.replace('.', '-')}.example"


@dataclass(frozen=True)
class World:
    """Organisations and accounts that a portal can be filled with."""

    resellers: tuple[DemoReseller, ...]
    tenants: tuple[DemoTenant, ...]
    accounts: tuple[DemoAccount, ...]


RESELLERS: Final = (
    DemoReseller("100001.rsp", "Nordlicht Systemhaus GmbH", "de"),
    DemoReseller("100002.rsp", "Harbour IT Ltd", "en"),
)
TENANTS: Final = (
    DemoTenant(
        "123456.sms", "Bäckerei Sonnenschein GmbH", "100001.rsp", "4711", "de", "demo-123456", None
    ),
    DemoTenant(
        "123457.sms",
        "Kanzlei Morgenstern",
        "100001.rsp",
        "4712",
        "de",
        "demo-123457",
        timedelta(days=90),
    ),
    DemoTenant(
        "200001.sms", "Lighthouse Logistics Ltd", "100002.rsp", "L-1", "en", "demo-200001", None
    ),
)


def accounts() -> list[DemoAccount]:
    """Every account of the demo world, vendor first."""
    found = [
        DemoAccount(
            "vendor",
            "vendor-admin",
            (Role.VENDOR_ADMIN,),
            has_totp=True,
            locale="de",
            display_name="Vera Vendor",
        ),
        DemoAccount(
            "vendor", "sales", (Role.SALES,), has_totp=True, locale="en", display_name="Sam Sales"
        ),
    ]
    for reseller in RESELLERS:
        name = f"Rita Reseller ({reseller.id})"
        roles = (Role.RESELLER_ADMIN,)
        found.append(
            DemoAccount(
                reseller.id,
                "reseller-admin",
                roles,
                has_totp=True,
                locale=reseller.locale,
                display_name=name,
                is_primary=True,
            )
        )
    for tenant in TENANTS:
        other = "en" if tenant.locale == "de" else "de"
        found += [
            DemoAccount(
                tenant.id,
                "admin",
                (Role.ADMIN,),
                has_totp=True,
                locale=tenant.locale,
                display_name="Anna Admin",
            ),
            DemoAccount(
                tenant.id,
                "auditor",
                (Role.AUDITOR,),
                has_totp=True,
                locale=tenant.locale,
                display_name="Otto Auditor",
            ),
            DemoAccount(
                tenant.id,
                "newcomer",
                (Role.ADMIN,),
                has_totp=False,
                locale=other,
                display_name="Nina Newcomer",
            ),
        ]
    return found


def demo_world() -> World:
    return World(RESELLERS, TENANTS, tuple(accounts()))
