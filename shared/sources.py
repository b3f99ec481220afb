"""Where a request comes from, as far as guesses and visits are counted together."""

import ipaddress
from functools import lru_cache
from typing import Final

_V6_PREFIX: Final = 64


@lru_cache(maxsize=10_000)
def source_of(address: str | None) -> str:
    """Who asks: an address, or for IPv6 the /64 that one household or host has to itself."""
    try:
        parsed = ipaddress.ip_address((address or "").strip().partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), _V6_PREFIX), strict=False))
