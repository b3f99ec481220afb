"""What can be ordered."""

from pydantic import Field

from services.licensing.actions.products import list_products
from services.licensing.deps import Deps
from services.licensing.domain.products import AfterExpiry, LicenceModel, OverUse
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class ProductView(Model):
    id: str
    name: str
    entitlements: list[str]
    terms_months: list[int]
    models: list[LicenceModel]
    is_add_on: bool
    after_expiry: AfterExpiry
    over_use: OverUse
    overage_percent: int = Field(
        description="By how many percent of its seats a licence may be over-used here."
    )


class ProductsView(Model):
    items: list[ProductView]


async def list_all(call: Call[Deps, Nothing, Nothing]) -> Reply[ProductsView]:
    """List the products."""
    items = [
        ProductView(
            id=product.id,
            name=product.name,
            entitlements=list(product.entitlements),
            terms_months=list(product.terms_months),
            models=list(product.models),
            is_add_on=product.is_add_on,
            after_expiry=product.after_expiry,
            over_use=product.over_use,
            overage_percent=call.deps.seat_rules.overage(product.id),
        )
        for product in list_products()
    ]
    return Reply(ProductsView(items=items))
