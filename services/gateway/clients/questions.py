"""What the gateway asks auth and tenancy about whoever is at the door, and how they answer.

Every question raises UpstreamError where it can't be answered just now.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import orjson

from services.gateway.clients.passes import PassMaker
from services.gateway.clients.upstreams import Answer, Upstream, UpstreamError
from services.gateway.domain.trust import InvalidTokenError, Known
from shared.access import Relation
from shared.errors import NotFoundError
from shared.keys import Keys
from shared.passes import GATEWAY, PUBLIC


@dataclass(frozen=True)
class LiveKey:
    """An API key that is good now, and the client that it belongs to."""

    client_id: str
    org: str
    permissions: tuple[str, ...]
    expires_at: float
    """POSIX seconds."""


@dataclass(frozen=True)
class Standing:
    """How an organisation stands to a place, and what that allows at most."""

    relation: Relation
    reseller_id: str | None
    valid_until: float | None
    """POSIX seconds."""
    cap: tuple[str, ...] | None
    """The most that anybody of it may do there; None leaves it to roles."""
    outside: tuple[str, ...]
    """Roles that have yet to enter."""


class Questions:
    def __init__(self, auth: Upstream, tenancy: Upstream, passes: PassMaker) -> None:
        self._auth = auth
        self._tenancy = tenancy
        self._passes = passes

    async def public_keys(self) -> Keys:
        """Those that access tokens are verified with."""
        answer = await self._get(self._auth, "/.well-known/jwks.json", PUBLIC)
        if answer.status != HTTPStatus.OK:
            raise UpstreamError
        try:
            return Keys.parse(answer.body.decode())
        except ValueError as error:
            raise UpstreamError from error

    async def roles(self, known: Known) -> list[str]:
        """Of the session's account, as they are now; InvalidTokenError where it has ended."""
        answer = await self._get(self._auth, f"/internal/sessions/{known.session}", GATEWAY)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise InvalidTokenError
        found = _json(answer)
        if found["account_id"] != known.account or found["org"] != known.org:
            raise InvalidTokenError
        return list(found["roles"])

    async def key(self, digest: str) -> LiveKey:
        """The key with this digest (hexadecimal SHA-256); InvalidTokenError without one."""
        answer = await self._get(self._auth, f"/internal/api-keys/{digest}", GATEWAY)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise InvalidTokenError
        found = _json(answer)
        permissions, until = tuple(found["permissions"]), _seconds(found["expires_at"])
        return LiveKey(found["client_id"], found["org"], permissions, until)

    async def standing(self, known: Known, place: str) -> Standing:
        """Of the caller's organisation; NotFoundError where there is no such place for it."""
        who = f"org={known.org}&account={known.account}&session={known.session}"
        answer = await self._get(self._tenancy, f"/internal/places/{place}?{who}", GATEWAY)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotFoundError
        found = _json(answer)
        cap, until = found.get("permissions"), found["valid_until"]
        return Standing(
            relation=Relation(found["relation"]),
            reseller_id=found["reseller_id"],
            valid_until=None if until is None else _seconds(until),
            cap=None if cap is None else tuple(cap),
            outside=tuple(found.get("outside", ())),
        )

    async def _get(self, upstream: Upstream, target: str, place: str) -> Answer:
        headers = [("Authorization", self._passes.in_general(place, GATEWAY))]
        return await upstream.send("GET", target, headers, None)


def _seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def _json(answer: Answer) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise UpstreamError
    found: dict[str, Any] = orjson.loads(answer.body)
    return found
