"""Everything that licensing listens to."""

from typing import Final

from services.licensing.consumers import tenancy
from services.licensing.deps import Deps
from shared.contracts.tenancy import ResellerCreated, TenantCreated, TenantRefused
from shared.inbox import Subscription, on

SUBSCRIPTIONS: Final[list[Subscription[Deps]]] = [
    on(ResellerCreated, tenancy.reseller_created),
    on(TenantCreated, tenancy.tenant_created),
    on(TenantRefused, tenancy.tenant_refused),
]
