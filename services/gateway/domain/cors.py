"""Which other sites' pages may read answers (the Fetch standard's CORS protocol): those of a list.

Without a list no site may. Cookies are never allowed to come along: whoever calls from another site
shows a token, so that no page can use a session that it wasn't given.
"""

from collections.abc import Iterable
from typing import Final

_SENT: Final = "Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, X-Request-Id"
_READ: Final = (
    "ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, "
    "WWW-Authenticate, X-Request-Id"
)
_REMEMBERED_SECONDS: Final = 600


class Sites:
    """The origins of the list."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origins)

    def allows(self, origin: str | None) -> bool:
        return origin is not None and origin in self._origins

    def of_answer(self, origin: str | None) -> dict[str, str]:
        """What an answer says about who may read it."""
        if not self._origins:
            return {}
        if origin is None or origin not in self._origins:
            return {"Vary": "Origin"}
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": _READ,
        }


def of_preflight(methods: Iterable[str]) -> dict[str, str]:
    """What the answer to a preflight adds: how this path may be called."""
    return {
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": _SENT,
        "Access-Control-Max-Age": str(_REMEMBERED_SECONDS),
    }
