"""Whether a reseller may be told of an event, as things are when it is sent."""

from services.tenancy.actions.places import Asker, find_place
from services.tenancy.deps import Deps
from services.tenancy.domain.places import standing
from services.tenancy.domain.webhook_events import OFFERED
from services.tenancy.store.told_events import Kept
from shared.access import Permission, Relation, ceiling
from shared.contracts.tenancy import TenantDeleted


async def may_hear(deps: Deps, reseller_id: str, event: Kept) -> bool:
    """Of itself always; of a tenant while it is the reseller's own customer, and of what is inside
    it while the reseller may look there.
    """
    if event.reseller_id != reseller_id:
        return False
    if event.place == reseller_id:
        return True
    tenant = await deps.tenants.get(event.place)
    if tenant is None or tenant.reseller_id != reseller_id:
        return False
    if tenant.is_deleted:
        return event.type == TenantDeleted.type
    needed = OFFERED.get(event.type)
    return needed is None or await _may(deps, reseller_id, event.place, needed)


async def _may(deps: Deps, reseller_id: str, tenant_id: str, needed: Permission) -> bool:
    place = await find_place(deps, tenant_id, Asker(reseller_id))
    found = standing(reseller_id, place, deps.now()) if place else None
    if found is None or found.relation is not Relation.ASSIGNED:
        return False
    allowed = ceiling(reseller_id, Relation.ASSIGNED)
    return needed in (allowed if found.cap is None else allowed & found.cap)
