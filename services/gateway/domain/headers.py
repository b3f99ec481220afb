"""Which headers pass the door in either direction (RFC 9110 §7.6.1, RFC 7239)."""

import re
from collections.abc import Iterable
from typing import Final

_TRACE: Final = "traceparent"
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
        _TRACE,
        "user-agent",
    }
)
"""What clients may say to services. A list of what passes, not of what doesn't: identity, pass and
forwarding headers of clients are dropped in every spelling because they are not in it."""

_A_TRACE: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)

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
    """What a client said, as text: services store and compare it, and bytes that are no UTF-8 are
    neither stored nor compared. A trace that is none is not carried on (Trace Context §3.2.2).
    """
    given = [(name, value) for name, value in headers if name.lower() in _TO_SERVICE]
    return [
        (name, _text(value))
        for name, value in given
        if name.lower() != _TRACE or _A_TRACE.fullmatch(value)
    ]


def _text(value: str) -> str:
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def to_client(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    given = [(name.lower(), name, value) for name, value in headers]
    named = [value for lower, _, value in given if lower == "connection"]
    dropped = _NOT_TO_CLIENT
    if named:
        dropped |= {each.strip().lower() for value in named for each in value.split(",")}
    return [(name, value) for lower, name, value in given if lower not in dropped]
