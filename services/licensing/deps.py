"""All that an action of licensing may use."""

from dataclasses import dataclass

from services.licensing.store.licences import Licences
from services.licensing.store.orders import Orders
from services.licensing.store.resellers import Resellers
from services.licensing.store.tenants import Tenants
from shared.clock import Clock
from shared.outbox import Transact


@dataclass(frozen=True)
class Deps:
    licences: Licences
    orders: Orders
    resellers: Resellers
    tenants: Tenants
    transact: Transact
    now: Clock
