"""A comparison of all that both sides have of a company, while it is under way and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from examples.reseller_portal.digests import checksum


@dataclass
class Comparison:
    reseller_id: str
    here: Mapping[str, str]
    """The checksum of each kind, as we said it."""
    is_fetch: bool = False
    """We say that we have nothing, to get everything anew."""
    there: dict[str, str] = field(default_factory=dict)
    """The other side's, as its services answer."""
    waiting: list[str] = field(default_factory=list)
    """The ids of the parts, a range each, that are not answered yet."""
    differences: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return self.there.keys() == self.here.keys() and not self.waiting

    @property
    def is_alike(self) -> bool:
        return self.there == self.here

    def told(self) -> list[str]:
        """The outcome in lines."""
        if not self.is_done:
            return [f"{self.reseller_id}: not answered in full yet"]
        if self.is_alike:
            return [f"{self.reseller_id}: the same on both sides, checksum {checksum(self.here)}"]
        count = f"{len(self.differences)} records differed and are being mended"
        return [
            f"{self.reseller_id}: here {checksum(self.here)}, there {checksum(self.there)}",
            f"  {count}; compare again:",
            *(f"  {one['kind']} {one['id']}: {one['how']}" for one in self.differences),
        ]
