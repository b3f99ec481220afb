"""What tenancy knows of accounts: no more than what says who may enter where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownAccount:
    id: str
    org: str
    roles: tuple[str, ...]
    is_active: bool
    has_factor: bool = False

    @property
    def may_sign_in(self) -> bool:
        return self.is_active and bool(self.roles)
