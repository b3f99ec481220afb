"""A tenant: one customer of one reseller, with the licences that it is known to hold."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from services.tenancy.domain.licences import HeldLicence, LicenceState, licence_state, valid_until
from shared.contracts.tenancy import PostalAddress
from shared.errors import ConflictError


class TenantStatus(StrEnum):
    NOT_CONFIGURED = "not_configured"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    OFFBOARDING = "offboarding"
    DELETED = "deleted"


class OwnTenantExistsError(ConflictError):
    code = "own_tenant_exists"
    detail = "The reseller has a tenant of its own already."


class UnknownTenantError(Exception):
    """An event speaks of a tenant that is not known yet; it is tried again later."""


@dataclass(frozen=True)
class Tenant:
    id: str
    name: str
    reseller_id: str
    locale: str
    created_at: datetime
    reseller_number: str | None = None
    """The reseller's own number for this customer."""
    aliases: tuple[str, ...] = ()
    """Other names that the reseller finds it by."""
    email_domains: tuple[str, ...] = ()
    address: PostalAddress = field(default_factory=PostalAddress)
    status: TenantStatus = TenantStatus.ACTIVE
    status_before: TenantStatus | None = None
    """While offboarding: what it goes back to where that is cancelled."""
    delete_at: datetime | None = None
    """While offboarding: when it is deleted."""
    sandbox: bool = False
    """Whether it is for trying things out; licensing keeps a clock of its own for it."""
    is_own: bool = False
    """Whether it is its reseller's own, for the licences that it uses itself."""
    order_id: str | None = None
    """The licence order that asked for this tenant, where one did."""
    licences: tuple[HeldLicence, ...] = ()
    users: int = 0
    """How many of its people may sign in,"""
    users_with_factor: int = 0
    """and how many of them have a second factor, as far as was heard from auth."""
    version: int = 1

    def licence_state(self, now: datetime) -> LicenceState:
        return licence_state((held.timeline for held in self.licences), now)

    def valid_until(self, now: datetime) -> datetime | None:
        return valid_until((held.timeline for held in self.licences), now)

    @property
    def is_deleted(self) -> bool:
        return self.status is TenantStatus.DELETED

    @property
    def licence_ends_on(self) -> date | None:
        """The last day of the licence that ends last; None where one has no end."""
        ends = [held.ends_on for held in self.licences if not held.is_gone]
        return None if None in ends else max(filter(None, ends), default=None)

    def holding(self, licence: HeldLicence) -> "Tenant":
        """The tenant as it is with this licence; the same one where something later is known."""
        if self.is_deleted:
            return self
        others = []
        for held in self.licences:
            if held.licence_id != licence.licence_id:
                others.append(held)
            elif held.sequence >= licence.sequence:
                return self
        return replace(self, licences=(*others, licence), version=self.version + 1)


@dataclass(frozen=True)
class TenantEdit:
    """What to change of a tenant; None leaves it as it is."""

    name: str | None = None
    locale: str | None = None
    reseller_number: str | None = None
    """An empty one takes the number away."""
    aliases: tuple[str, ...] | None = None
    email_domains: tuple[str, ...] | None = None
    address: PostalAddress | None = None

    @property
    def is_resellers(self) -> bool:
        """Whether it changes what the reseller keeps about its customer."""
        return self.reseller_number is not None or self.aliases is not None

    def of(self, tenant: Tenant) -> Tenant:
        """The tenant with what was given; the same one where that changes nothing."""
        number = tenant.reseller_number
        if self.reseller_number is not None:
            number = self.reseller_number or None
        changed = replace(
            tenant,
            name=self.name or tenant.name,
            locale=self.locale or tenant.locale,
            reseller_number=number,
            aliases=tenant.aliases if self.aliases is None else self.aliases,
            email_domains=tenant.email_domains
            if self.email_domains is None
            else self.email_domains,
            address=tenant.address if self.address is None else self.address,
        )
        return tenant if changed == tenant else replace(changed, version=tenant.version + 1)
