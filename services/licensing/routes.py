"""Everything that licensing answers to."""

from typing import Final

from services.licensing.deps import Deps
from services.licensing.handlers import (
    devices,
    entitlements,
    licences,
    orders,
    products,
    tenant_devices,
)
from shared.access import Permission
from shared.paging import PageQuery
from shared.routing import Caller, Route, delete, get, post

ROUTES: Final[list[Route[Deps]]] = [
    post(
        "/v1/devices/activate",
        devices.activate,
        access=Caller.ANYBODY,
        body=devices.ActivationBody,
        answers=devices.ActivationView,
        status=201,
    ),
    post(
        "/v1/devices/deactivate",
        devices.deactivate,
        access=Caller.ANYBODY,
        body=devices.TokenBody,
        status=204,
    ),
    post(
        "/v1/devices/heartbeat",
        devices.heartbeat,
        access=Caller.ANYBODY,
        body=devices.TokenBody,
        answers=devices.AliveView,
        is_quiet=True,
    ),
    post(
        "/v1/entitlements/check",
        entitlements.ask,
        access=Permission.ENTITLEMENT_CHECK,
        body=entitlements.CheckBody,
        answers=entitlements.DecisionView,
        is_quiet=True,
    ),
    post(
        "/v1/entitlements/checks",
        entitlements.ask_many,
        access=Permission.ENTITLEMENT_CHECK,
        body=entitlements.ChecksBody,
        answers=entitlements.DecisionsView,
    ),
    get(
        "/v1/products",
        products.list_all,
        access=Caller.SIGNED_IN,
        answers=products.ProductsView,
    ),
    get(
        "/v1/resellers/{rid}/licence-orders",
        orders.list_newest,
        access=Permission.LICENCE_READ,
        query=PageQuery,
        answers=orders.OrdersView,
    ),
    post(
        "/v1/resellers/{rid}/licence-orders",
        orders.place,
        access=Permission.LICENCE_CREATE,
        body=orders.OrderBody,
        answers=orders.PlacedView,
        status=202,
    ),
    get(
        "/v1/resellers/{rid}/licence-orders/{id}",
        orders.read,
        access=Permission.LICENCE_READ,
        answers=orders.OrderView,
    ),
    get(
        "/v1/tenants/{tid}/devices",
        tenant_devices.list_newest,
        access=Permission.DEVICE_READ,
        query=tenant_devices.DevicesQuery,
        answers=tenant_devices.DevicesView,
    ),
    post(
        "/v1/tenants/{tid}/devices",
        tenant_devices.create,
        access=Permission.DEVICE_MANAGE,
        body=tenant_devices.NewDeviceBody,
        answers=devices.ActivationView,
        status=201,
    ),
    delete(
        "/v1/tenants/{tid}/devices/{did}",
        tenant_devices.remove,
        access=Permission.DEVICE_MANAGE,
        status=204,
    ),
    get(
        "/v1/tenants/{tid}/licences",
        licences.list_newest,
        access=Permission.LICENCE_READ,
        query=PageQuery,
        answers=licences.LicencesView,
    ),
    get(
        "/v1/tenants/{tid}/licences/{lid}",
        licences.read,
        access=Permission.LICENCE_READ,
        answers=licences.LicenceDetailsView,
    ),
]
