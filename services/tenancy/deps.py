"""All that an action of tenancy may use."""

from dataclasses import dataclass

from services.tenancy.domain.org_settings import Values
from services.tenancy.store.activity import Activities
from services.tenancy.store.org_settings import SettingsOfOrgs
from services.tenancy.store.resellers import Resellers
from services.tenancy.store.tenants import Tenants
from shared.clock import Clock
from shared.outbox import Transact


@dataclass(frozen=True)
class Deps:
    resellers: Resellers
    tenants: Tenants
    settings: SettingsOfOrgs
    activities: Activities
    outer_settings: Values
    """What the environment says of each setting; even the vendor may only narrow that."""
    transact: Transact
    now: Clock
