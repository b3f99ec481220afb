"""What a User-Agent header tells of a device: a browser or program, and an operating system.

Browsers claim to be one another, so the first name of a list that occurs is the true one. What is
on no list is called by its own product name (RFC 9110 §10.1.5), as far as that is a plain word:
anybody may send anything, and it ends up in a mail.
"""

import re
from dataclasses import dataclass
from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Version/", "Safari"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
_PRODUCT: Final = re.compile(r"([A-Za-z][A-Za-z0-9_-]{1,29})/", re.ASCII)


@dataclass(frozen=True)
class Agent:
    """Versions are left out: a device stays the same when its browser is renewed."""

    browser: str | None
    system: str | None


def agent_of(header: str) -> Agent:
    return Agent(_browser(header), _first(_SYSTEMS, header))


def _browser(header: str) -> str | None:
    if header.startswith("Mozilla/"):
        return _first(_BROWSERS, header)
    product = _PRODUCT.match(header)
    return product.group(1) if product else None


def _first(names: tuple[tuple[str, str], ...], header: str) -> str | None:
    return next((name for mark, name in names if mark in header), None)
