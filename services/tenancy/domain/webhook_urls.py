"""Where a webhook may point to: public addresses over https, and no way into anybody's network."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from shared.errors import FieldError, InvalidError

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_HTTPS_PORT: Final = 443
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_NUMBERS: Final = re.compile(r"[0-9.]+")


class UrlRefusedError(InvalidError):
    code = "webhook_url_refused"
    detail = "A webhook's URL is refused."

    def __init__(self, detail: str) -> None:
        super().__init__(fields=[FieldError("#/body/url", "webhook_url", detail)])


@dataclass(frozen=True)
class Target:
    """A URL that has been looked at."""

    url: str
    is_exempt: bool
    """Whether the operator allows its origin whatever address it has."""


def target_of(url: str, exempt: frozenset[str]) -> Target:
    """UrlRefusedError where nothing may be sent there; names are judged when they are resolved.

    `exempt` has origins such as `http://127.0.0.1:9000`.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UrlRefusedError("This is no URL.") from error
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UrlRefusedError("Leave out user name, password and fragment.")
    if f"{parts.scheme}://{parts.netloc}" in exempt:
        return Target(url, is_exempt=True)
    if parts.scheme != "https":
        raise UrlRefusedError("Use https.")
    if port not in {None, _HTTPS_PORT}:
        raise UrlRefusedError("Use port 443.")
    _must_be_a_host(host)
    return Target(url, is_exempt=False)


def _must_be_a_host(host: str) -> None:
    if ":" in host or _NUMBERS.fullmatch(host):
        if not is_public(host):
            raise UrlRefusedError("Use a public address.")
    elif not _HOST.fullmatch(host) or "." not in host:
        raise UrlRefusedError("Use a full host name, in ASCII.")


def is_public(address: str) -> bool:
    """Whether this is the address of somebody out there, also where it hides an IPv4 address."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return _is_public_v6(found) if isinstance(found, IPv6Address) else _is_public_v4(found)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast


def _is_public_v6(address: IPv6Address) -> bool:
    within = address.ipv4_mapped or address.sixtofour
    if within is None and address in _NAT64:
        within = IPv4Address(int(address) & 0xFFFFFFFF)
    if within is not None:
        return _is_public_v4(within)
    return address in _GLOBAL_UNICAST and address.is_global and address.scope_id is None
