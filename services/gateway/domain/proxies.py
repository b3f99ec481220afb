"""Where a request really comes from, when proxies of ours stand before the gateway.

Only a proxy of the list is believed, and of what it says only what it added itself: the rightmost
hop that is none of ours. All to the left may be invented by the client (RFC 7239 §8.1).
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
ProxyHeader: TypeAlias = Literal["X-Forwarded-For", "Forwarded"]
_MOST_HOPS: Final = 20
_FOR: Final = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;"\s]*))\s*(?=;|$)', re.IGNORECASE)
_PORT: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")


class Proxies:
    """The proxies that are believed, and the one header that they are known to set."""

    def __init__(self, networks: Sequence[Network], header: ProxyHeader) -> None:
        self._networks = tuple(networks)
        self.header: ProxyHeader = header

    def client(self, peer: str | None, lines: Sequence[str]) -> str:
        """The address of whoever asks, given who is connected and the header's lines."""
        address = _address(peer or "")
        if address is None:
            return "unknown"
        for hop in self._hops(lines):
            if not self._is_ours(address):
                break
            before = _address(hop)
            if before is None:  # hidden or nonsense: all that is known is who said so
                break
            address = before
        return str(address)

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def _hops(self, lines: Sequence[str]) -> Iterator[str]:
        """Who was before, the nearest first."""
        hops = [hop.strip() for line in lines for hop in line.split(",")]
        for hop in reversed(hops[-_MOST_HOPS:]):
            if self.header == "X-Forwarded-For":
                yield hop
            else:
                found = _FOR.search(hop)
                yield (found.group(1) or found.group(2) or "") if found else ""


@lru_cache(maxsize=10_000)
def _address(text: str) -> Address | None:
    """The address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    found = _PORT.fullmatch(text)
    bare = (found.group(1) or found.group(2)) if found else text.partition("%")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
