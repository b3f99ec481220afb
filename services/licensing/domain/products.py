"""What the vendor sells: templates that say what a product entitles to and how it can be had."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.errors import InvalidError


class UnknownProductError(InvalidError):
    code = "unknown_product"
    pointer = "#/body/product"
    detail = "There is no product of this id."


class LicenceModel(StrEnum):
    """How a licence runs and is paid."""

    TERM = "term"
    """Bought for so many seats and whole months."""
    MSP = "msp"
    """Open-ended and without a limit of seats, billed by use until it is cancelled."""
    TRIAL = "trial"
    """Free for 30 days; it may be extended twice and then bought."""
    NFR = "nfr"
    """Not for resale: a reseller's own use."""


class AfterExpiry(StrEnum):
    """What is left to devices once their licence is no longer valid."""

    RESTRICT = "restrict"
    """They stay managed; whatever protects them ends."""
    REVOKE = "revoke"
    """Nothing."""
    MAINTAIN = "maintain"
    """Everything stays as it is for devices that have a seat; no further one gets any."""


class OverUse(StrEnum):
    """What happens when one more device than there are seats wants one."""

    REFUSE = "refuse"
    ALLOW = "allow"
    """It gets its seat, up to what the installation allows, and the reseller is told."""


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    entitlements: tuple[str, ...]
    after_expiry: AfterExpiry = AfterExpiry.RESTRICT
    over_use: OverUse = OverUse.REFUSE
    is_add_on: bool = False
    """Whether it is sold only to customers who hold a valid licence of another product."""
    models: tuple[LicenceModel, ...] = tuple(LicenceModel)
    terms_months: tuple[int, ...] = (12, 24, 36, 60)


PRODUCTS: Final = (
    Product(
        "mdm",
        "Mobile Device Management",
        ("device-management",),
        after_expiry=AfterExpiry.MAINTAIN,
    ),
    Product(
        "mobile-security", "Mobile Security", ("device-management", "vpn", "cyber-defense-cloud")
    ),
    Product(
        "unified-report",
        "Unified Report",
        ("unified-report",),
        after_expiry=AfterExpiry.REVOKE,
        over_use=OverUse.ALLOW,
        is_add_on=True,
        models=(LicenceModel.TERM, LicenceModel.MSP, LicenceModel.NFR),
    ),
)
FEATURES: Final = frozenset(each for product in PRODUCTS for each in product.entitlements)
_BY_ID: Final = {product.id: product for product in PRODUCTS}


def known_product(product_id: str) -> Product:
    product = _BY_ID.get(product_id)
    if product is None:
        raise UnknownProductError
    return product
