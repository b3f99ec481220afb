"""Which headers pass the door in either direction (RFC 9110 §7.6.1, RFC 7239)."""

from collections.abc import Iterable
from typing import Final

_TO_SERVICE: Final = frozenset(
    {
        "accept",
        "accept-language",
        "content-type",
        "cookie",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "last-event-id",
        "origin",
        "sec-fetch-site",
        "traceparent",
        "user-agent",
    }
)
"""What clients may say to services. A list of what passes, not of what doesn't: identity, pass and
forwarding headers of clients are dropped in every spelling because they are not in it."""

_NOT_TO_CLIENT: Final = frozenset(
    {
        "connection",
        "content-length",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def to_service(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() in _TO_SERVICE]


def to_client(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    given = [(name.lower(), name, value) for name, value in headers]
    named = [value for lower, _, value in given if lower == "connection"]
    dropped = _NOT_TO_CLIENT
    if named:
        dropped |= {each.strip().lower() for value in named for each in value.split(",")}
    return [(name, value) for lower, name, value in given if lower not in dropped]
