"""Reading what the vendor sells."""

from collections.abc import Sequence

from services.licensing.domain.products import PRODUCTS, Product


def list_products() -> Sequence[Product]:
    return PRODUCTS
