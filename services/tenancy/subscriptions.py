"""Everything that tenancy listens to."""

from typing import Final

from services.tenancy.consumers import licensing
from services.tenancy.deps import Deps
from shared.contracts.licensing import LicenceCreated, LicenceOrderPlaced
from shared.inbox import Subscription, on

SUBSCRIPTIONS: Final[list[Subscription[Deps]]] = [
    on(LicenceCreated, licensing.licence_created),
    on(LicenceOrderPlaced, licensing.licence_order_placed),
]
