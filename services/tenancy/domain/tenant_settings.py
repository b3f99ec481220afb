"""What a tenant decides for itself."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import FieldError, InvalidError


class LaterThanAllError(InvalidError):
    """A tenant may be stricter than the vendor, never laxer."""

    def __init__(self, latest: datetime) -> None:
        detail = f"Two-factor authentication is compulsory for all from {latest.isoformat()} on."
        flaw = FieldError("#/body/totp_required_from", "later_than_all", detail)
        super().__init__(fields=[flaw])


@dataclass(frozen=True)
class TenantSettings:
    tenant_id: str
    totp_required_from: datetime | None = None
    """From when on everybody here needs a second factor; None leaves it at the vendor's date."""
    version: int = 0
    """0 where nothing was ever decided."""

    def requiring_totp(self, since: datetime | None, *, latest: datetime) -> "TenantSettings":
        """With another date of its own, or none; the same settings where that changes nothing.

        LaterThanAllError where the date is after the vendor's (`latest`).
        """
        if since is not None and since > latest:
            raise LaterThanAllError(latest)
        if since == self.totp_required_from:
            return self
        return replace(self, totp_required_from=since, version=self.version + 1)
