"""Whose name and colour a mail shows: the portal's own, or those of the recipient's reseller."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Brand:
    name: str
    colour: str
    """Of the button and the mark beside the name, as `#rrggbb`."""


PORTAL: Final = Brand("Mobile Security Portal", "#1f5fbf")
