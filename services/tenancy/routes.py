"""Everything that tenancy answers to."""

from typing import Final

from services.tenancy.deps import Deps
from services.tenancy.handlers import places, resellers, tenants
from shared.access import Permission
from shared.web import Caller, Route, get, patch

ROUTES: Final[list[Route[Deps]]] = [
    get(
        "/internal/places/{place}",
        places.find,
        access=Caller.GATEWAY,
        query=places.PlaceQuery,
        answers=places.PlaceView,
    ),
    get(
        "/v1/resellers/{rid}",
        resellers.read,
        access=Permission.RESELLER_READ,
        answers=resellers.ResellerView,
    ),
    get(
        "/v1/resellers/{rid}/customers",
        resellers.list_customers,
        access=Permission.TENANT_READ,
        query=resellers.CustomersQuery,
        answers=resellers.CustomersView,
    ),
    get(
        "/v1/tenants/{tid}",
        tenants.read,
        access=Permission.TENANT_READ,
        answers=tenants.TenantView,
    ),
    patch(
        "/v1/tenants/{tid}",
        tenants.edit,
        access=Permission.TENANT_EDIT,
        body=tenants.TenantChange,
        answers=tenants.TenantView,
    ),
]
