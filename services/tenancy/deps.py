"""All that an action of tenancy may use."""

from dataclasses import dataclass
from datetime import datetime

from services.tenancy.store.activity import Activities
from services.tenancy.store.resellers import Resellers
from services.tenancy.store.tenant_settings import SettingsOfTenants
from services.tenancy.store.tenants import Tenants
from shared.clock import Clock
from shared.outbox import Transact


@dataclass(frozen=True)
class Deps:
    resellers: Resellers
    tenants: Tenants
    tenant_settings: SettingsOfTenants
    activities: Activities
    totp_required_from: datetime
    """The vendor's date, from which on everybody needs a second factor."""
    transact: Transact
    now: Clock
