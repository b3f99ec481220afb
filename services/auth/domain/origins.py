"""Where a browser's page comes from: scheme, host and port together (RFC 6454)."""

from typing import Final
from urllib.parse import urlsplit

_USUAL_PORTS: Final = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """The origin of a URL as browsers write it (RFC 6454 §6.2), or "" where it has none."""
    try:
        parts = urlsplit(url.lower())
        port = parts.port
    except ValueError:
        return ""
    if not parts.hostname or parts.scheme not in _USUAL_PORTS:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_usual = port in {None, _USUAL_PORTS[parts.scheme]}
    return f"{parts.scheme}://{host}" if is_usual else f"{parts.scheme}://{host}:{port}"


def is_own(origin: str, *, public_url: str, host: str | None) -> bool:
    """Whether a page of this origin is the portal's own, which was called at this host.

    The scheme is that of the public address: the gateway stands behind whatever ends TLS.
    """
    scheme = urlsplit(public_url).scheme
    return bool(origin) and origin == origin_of(f"{scheme}://{host or ''}")
