"""The gateway's passes: what a request may do in the place it names, said to the service behind.

A pass is a JWT of its own type, key and audience that lives at most 60 seconds. It says who asks
(`sub`, `sid`, `org`), when a second factor was last shown (`auth_time`), where (`place`), what is
allowed there (`perms`) and which reseller the place belongs to (`rid`). A service trusts passes and
nothing else.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.access import Permission
from shared.keys import Keys, TokenError, sign, verify

TYPE: Final = "portal-pass+jwt"
ISSUER: Final = "portal-gateway"
AUDIENCE: Final = "portal-services"
LIFETIME_SECONDS: Final = 60
PUBLIC: Final = "public"
"""The place of an operation that anybody may call."""
GATEWAY: Final = "gateway"
"""The place of what only the gateway itself may ask."""
ENROLMENT: Final = "enrolment"
"""The session of somebody who may activate a second factor and do nothing else."""
NOBODY: Final = "-"
"""The subject where nobody has said who asks."""
_REMEMBERED: Final = 10_000


@dataclass(frozen=True)
class Pass:
    """Who asks, where, and what is allowed there."""

    subject: str
    session: str
    org: str
    place: str
    permissions: frozenset[str]
    reseller: str | None
    expires_at: int
    """POSIX seconds."""
    factor_at: int | None = None
    """When this session last showed a second factor (POSIX seconds); None where it never did."""

    def allows(self, permission: Permission) -> bool:
        return permission in self.permissions


def issue(keys: Keys, granted: Pass) -> str:
    """The pass as a signed JWT."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": granted.subject,
        "sid": granted.session,
        "org": granted.org,
        "place": granted.place,
        "perms": sorted(granted.permissions),
        "rid": granted.reseller,
        "exp": granted.expires_at,
    }
    if granted.factor_at is not None:
        claims["auth_time"] = granted.factor_at
    return sign(keys, TYPE, claims)


class PassReader:
    """Verifies passes; one that was verified is remembered until it expires."""

    def __init__(self, gateway: Keys) -> None:
        self._keys = gateway
        self._known: OrderedDict[str, Pass] = OrderedDict()

    def read(self, token: str, now: datetime) -> Pass:
        """The pass behind this token; TokenError where it is forged, foreign or expired."""
        known = self._known.get(token)
        if known is not None:
            if known.expires_at <= now.timestamp():
                del self._known[token]
                raise TokenError("expired")
            return known
        claims = verify(self._keys, token, typ=TYPE, issuer=ISSUER, audience=AUDIENCE, now=now)
        granted = Pass(
            subject=str(claims["sub"]),
            session=str(claims.get("sid", "")),
            org=str(claims.get("org", "")),
            place=str(claims.get("place", "")),
            permissions=frozenset(map(str, claims.get("perms", ()))),
            reseller=claims.get("rid"),
            expires_at=int(claims["exp"]),
            factor_at=claims.get("auth_time"),
        )
        self._known[token] = granted
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return granted
