"""What a customer lets its reseller do day by day."""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.access import READS, Permission


class Level(StrEnum):
    FULL = "full"
    READ_ONLY = "read_only"
    NONE = "none"
    """The reseller sells and renews by its own paths, and sees nothing inside."""


@dataclass(frozen=True)
class Delegation:
    tenant_id: str
    level: Level = Level.FULL
    version: int = 0
    """0 where the customer never decided anything."""

    def limited_to(self, level: Level) -> "Delegation":
        """With another level; the same one where that changes nothing."""
        changed = replace(self, level=level)
        return self if changed == self else replace(changed, version=self.version + 1)

    @property
    def cap(self) -> frozenset[Permission] | None:
        """The most that anybody of the reseller may do inside; None where it is up to roles."""
        match self.level:
            case Level.FULL:
                return None
            case Level.READ_ONLY:
                return READS
            case Level.NONE:
                return frozenset()
