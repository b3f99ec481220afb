"""What the vendor sells: each product with what it entitles to and the terms it comes in."""

from dataclasses import dataclass
from typing import Final

from shared.errors import InvalidError


class UnknownProductError(InvalidError):
    code = "unknown_product"
    detail = "There is no product of this id."


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    entitlements: tuple[str, ...]
    terms_months: tuple[int, ...] = (12, 24, 36, 60)


PRODUCTS: Final = (
    Product("mdm", "Mobile Device Management", ("device-management",)),
    Product(
        "mobile-security", "Mobile Security", ("device-management", "vpn", "cyber-defense-cloud")
    ),
    Product("unified-report", "Unified Report", ("unified-report",)),
)
_BY_ID: Final = {product.id: product for product in PRODUCTS}


def known_product(product_id: str) -> Product:
    product = _BY_ID.get(product_id)
    if product is None:
        raise UnknownProductError
    return product
