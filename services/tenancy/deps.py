"""All that an action of tenancy may use."""

from dataclasses import dataclass

from services.tenancy.store.resellers import Resellers
from services.tenancy.store.tenants import Tenants
from shared.clock import Clock
from shared.outbox import Transact


@dataclass(frozen=True)
class Deps:
    resellers: Resellers
    tenants: Tenants
    transact: Transact
    now: Clock
