"""A reseller: who sells the vendor's product to customers, and in which state it may do what."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.errors import ConflictError


class ResellerStatus(StrEnum):
    """prospect → authorised ⇄ suspended, and from each of them → terminated."""

    PROSPECT = "prospect"
    AUTHORISED = "authorised"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class ResellerNotAuthorisedError(ConflictError):
    code = "reseller_not_authorised"
    detail = "This reseller is not authorised to have new customers."


class ResellerStateError(ConflictError):
    code = "reseller_state"

    def __init__(self, status: ResellerStatus) -> None:
        super().__init__(f"This can't be done with a reseller that is {status}.")


@dataclass(frozen=True)
class Reseller:
    id: str
    name: str
    status: ResellerStatus
    locale: str
    version: int
    created_at: datetime
    email_domains: tuple[str, ...] = ()
    """Where there are some, all of its staff has an address there or at a customer's."""

    @property
    def is_authorised(self) -> bool:
        return self.status is ResellerStatus.AUTHORISED

    def authorised(self) -> "Reseller":
        return self._moved(ResellerStatus.AUTHORISED, ResellerStatus.PROSPECT)

    def suspended(self) -> "Reseller":
        return self._moved(ResellerStatus.SUSPENDED, ResellerStatus.AUTHORISED)

    def resumed(self) -> "Reseller":
        return self._moved(ResellerStatus.AUTHORISED, ResellerStatus.SUSPENDED)

    def terminated(self) -> "Reseller":
        """For good: nothing leads back."""
        living = set(ResellerStatus) - {ResellerStatus.TERMINATED}
        return self._moved(ResellerStatus.TERMINATED, *living)

    def edited(
        self,
        *,
        name: str | None,
        locale: str | None,
        email_domains: tuple[str, ...] | None = None,
    ) -> "Reseller":
        """The reseller with what was given; the same one where that changes nothing.

        ResellerStateError where it is terminated.
        """
        if self.status is ResellerStatus.TERMINATED:
            raise ResellerStateError(self.status)
        changed = replace(
            self,
            name=name or self.name,
            locale=locale or self.locale,
            email_domains=self.email_domains if email_domains is None else email_domains,
        )
        return self if changed == self else replace(changed, version=self.version + 1)

    def _moved(self, to: ResellerStatus, *origins: ResellerStatus) -> "Reseller":
        if self.status not in origins:
            raise ResellerStateError(self.status)
        return replace(self, status=to, version=self.version + 1)
