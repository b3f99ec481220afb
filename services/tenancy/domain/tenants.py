"""A tenant: one customer of one reseller, with the licences that it is known to hold."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.tenancy.domain.licences import HeldLicence, LicenceState, licence_state, valid_until


class TenantStatus(StrEnum):
    ACTIVE = "active"


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
    status: TenantStatus = TenantStatus.ACTIVE
    order_id: str | None = None
    """The licence order that asked for this tenant, where one did."""
    licences: tuple[HeldLicence, ...] = ()
    version: int = 1

    def licence_state(self, now: datetime) -> LicenceState:
        return licence_state((held.timeline for held in self.licences), now)

    def valid_until(self, now: datetime) -> datetime | None:
        return valid_until((held.timeline for held in self.licences), now)

    @property
    def licence_ends_on(self) -> date | None:
        """The last day of the licence that ends last; None where one has no end."""
        ends = [held.ends_on for held in self.licences if not held.is_gone]
        return None if None in ends else max(filter(None, ends), default=None)

    def holding(self, licence: HeldLicence) -> "Tenant":
        """The tenant as it is with this licence; the same one where something later is known."""
        others = []
        for held in self.licences:
            if held.licence_id != licence.licence_id:
                others.append(held)
            elif held.sequence >= licence.sequence:
                return self
        return replace(self, licences=(*others, licence), version=self.version + 1)

    def edited(self, *, name: str | None, locale: str | None) -> "Tenant":
        """The tenant with what was given; the same one where that changes nothing."""
        changed = replace(self, name=name or self.name, locale=locale or self.locale)
        return self if changed == self else replace(changed, version=self.version + 1)
