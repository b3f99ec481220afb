"""Everything that licensing answers to."""

from typing import Final

from services.licensing.deps import Deps
from services.licensing.handlers import licences, orders, products
from shared.access import Permission
from shared.paging import PageQuery
from shared.routing import Caller, Route, get, post

ROUTES: Final[list[Route[Deps]]] = [
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
