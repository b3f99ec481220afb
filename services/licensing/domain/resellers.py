"""A reseller, as far as licensing must know it: may it order?"""

from dataclasses import dataclass

from shared.errors import ConflictError


class ResellerMayNotOrderError(ConflictError):
    code = "reseller_may_not_order"
    detail = "Only an authorised reseller may order licences."


class UnknownResellerError(Exception):
    """An event speaks of a reseller that is not known yet; it is tried again later."""


@dataclass(frozen=True)
class KnownReseller:
    id: str
    name: str
    is_authorised: bool
    sequence: int
    """The version that this was heard of."""
