"""The gateway's question: how does an organisation stand to the place that a request names?"""

from services.tenancy.deps import Deps
from services.tenancy.domain.places import Place, Standing, standing
from shared.errors import NotFoundError
from shared.ids import VENDOR, OrgKind, kind_of


async def find_standing(deps: Deps, place_id: str, caller_org: str) -> Standing:
    """NotFoundError where there is no such place and where it is not the caller's to see alike."""
    place = await _place(deps, place_id)
    found = standing(caller_org, place) if place else None
    if found is None:
        raise NotFoundError
    return found


async def _place(deps: Deps, place_id: str) -> Place | None:
    match kind_of(place_id):
        case OrgKind.VENDOR:
            return Place(VENDOR, reseller_id=None)
        case OrgKind.RESELLER:
            reseller = await deps.resellers.get(place_id)
            return Place(reseller.id, reseller_id=reseller.id) if reseller else None
        case OrgKind.TENANT:
            tenant = await deps.tenants.get(place_id)
            if tenant is None or tenant.is_deleted:
                return None
            return Place(tenant.id, tenant.reseller_id, tenant.valid_until(deps.now()))
        case None:
            return None
