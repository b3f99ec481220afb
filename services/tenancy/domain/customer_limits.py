"""To which of its reseller's customers somebody of the staff is limited.

Administrators see all: they give the limits, and invite people and make API keys that have none.
Who becomes one while limited sees all until that ends.
"""

from dataclasses import dataclass, replace
from typing import Final

from shared.access import Role
from shared.errors import ConflictError, ForbiddenError, InvalidError

AT_MOST: Final = 200
"""So many ranges of an index MongoDB still merges in order, so that lists stay fast."""


class AdministratorSeesAllError(ConflictError):
    code = "administrator_sees_all"
    detail = "A reseller's administrator sees all customers. Take the role away first."


class NotACustomerError(InvalidError):
    """One answer for somebody else's customer and for one that there is not."""

    code = "not_a_customer"
    pointer = "#/body/customers"
    detail = "The reseller has no customer of one of these ids."


class NoNewCustomersError(ForbiddenError):
    code = "no_new_customers"
    detail = "You look after certain customers and take on no new ones."


@dataclass(frozen=True)
class CustomerLimit:
    account_id: str
    customers: frozenset[str] | None = None
    """None for all of them."""
    is_lifted: bool = False
    """While the account is an administrator."""
    version: int = 0
    """0 where nobody ever decided anything."""

    @property
    def only(self) -> frozenset[str] | None:
        """The customers that there are for this account; None for all of the reseller's."""
        return None if self.is_lifted else self.customers

    def admits(self, tenant_id: str) -> bool:
        return self.only is None or tenant_id in self.only

    def set_to(self, customers: frozenset[str] | None) -> "CustomerLimit":
        """With other customers; the same one where that changes nothing."""
        return self._changed(replace(self, customers=customers))

    def under(self, roles: tuple[str, ...]) -> "CustomerLimit":
        """As it is with these roles; the same one where that changes nothing."""
        return self._changed(replace(self, is_lifted=Role.RESELLER_ADMIN in roles))

    def _changed(self, changed: "CustomerLimit") -> "CustomerLimit":
        return self if changed == self else replace(changed, version=self.version + 1)
