"""Everything that tenancy answers to."""

from typing import Final

from services.tenancy.deps import Deps
from services.tenancy.handlers import activity, places, resellers, tenant_settings, tenants
from shared.access import Permission
from shared.paging import PageQuery
from shared.routing import Caller, Route, get, patch

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
        "/v1/resellers/{rid}/activity",
        activity.of_reseller,
        access=Permission.ACTIVITY_READ,
        query=PageQuery,
        answers=activity.ActivitiesView,
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
    get(
        "/v1/tenants/{tid}/activity",
        activity.of_tenant,
        access=Permission.ACTIVITY_READ,
        query=PageQuery,
        answers=activity.ActivitiesView,
    ),
    get(
        "/v1/tenants/{tid}/settings",
        tenant_settings.read,
        access=Permission.TENANT_READ,
        answers=tenant_settings.TenantSettingsView,
    ),
    patch(
        "/v1/tenants/{tid}/settings",
        tenant_settings.edit,
        access=Permission.TENANT_EDIT,
        body=tenant_settings.TenantSettingsChange,
        answers=tenant_settings.TenantSettingsView,
    ),
]
