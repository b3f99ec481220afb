"""Signing in with the Reseller Portal's account: what was begun, and what is believed afterwards.

The Reseller Portal is an OpenID Connect provider, we are its client. These are the rules for what
it tells us (OpenID Connect Core 1.0 §3.1.3.7, Back-Channel Logout 1.0 §2.6); `clients/issuer.py`
speaks to it and has checked the signature before.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.auth.domain.accounts import Account
from shared.errors import DomainError, NotFoundError, UnauthenticatedError

FLOW_LIFE: Final = timedelta(minutes=10)
"""How long somebody may take at the Reseller Portal."""
CLOCKS_DIFFER: Final = timedelta(minutes=1)
LOGOUT_LIFE: Final = timedelta(minutes=5)
"""How old a logout token may be."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
BY_RESELLER_PORTAL: Final = "rsp"
"""The `amr` of a session that began there."""
_LONGEST_NAME: Final = 255


class FederationOffError(NotFoundError):
    """No issuer is configured: as if these paths did not exist."""


class FederationRefusedError(UnauthenticatedError):
    """The one refusal, whether the answer, its token or the account behind it is no good."""

    code = "reseller_portal_refused"
    detail = "The sign-in with the Reseller Portal account did not work. Start it again."

    def __init__(self, account: Account | None = None) -> None:
        super().__init__()
        self.account = account
        """Whose it is, where that is known; nobody is told."""


class LogoutRefusedError(DomainError):
    """No logout token of the issuer for us, or one that was used (Back-Channel Logout §2.8)."""

    code = "logout_token_refused"
    detail = "This logout token is not accepted."


class ClaimsError(Exception):
    """What a token of the issuer claims is not what it must; the text names the claim."""


@dataclass(frozen=True)
class Flow:
    """A sign-in that is under way; it stays in the browser that began it, sealed."""

    state: str
    nonce: str
    verifier: str
    begun_at: int
    """POSIX seconds."""
    max_age_seconds: int
    """How long before that they may have signed in over there."""
    device_token: str | None
    """The device cookie, which the browser doesn't send on the way back from another site."""
    session_id: str | None = None
    """The session whose holder shows the second factor again; None for a sign-in."""

    @property
    def challenge(self) -> str:
        """The PKCE challenge (RFC 7636, S256)."""
        return _base64url(hashlib.sha256(self.verifier.encode()).digest())

    @property
    def signed_in_since(self) -> datetime:
        """No sign-in over there before this instant is young enough."""
        since = datetime.fromtimestamp(self.begun_at - self.max_age_seconds, UTC)
        return since - CLOCKS_DIFFER

    def is_answered_by(self, state: str, now: datetime) -> bool:
        age = timedelta(seconds=now.timestamp() - self.begun_at)
        is_in_time = -CLOCKS_DIFFER <= age <= FLOW_LIFE
        return is_in_time and hmac.compare_digest(self.state.encode(), state.encode())


@dataclass(frozen=True)
class Expected:
    """What an ID token must say to be the answer to our request."""

    issuer: str
    client_id: str
    nonce: str
    signed_in_since: datetime
    access_token: str
    algorithm: str


@dataclass(frozen=True)
class Identity:
    """Who signed in at the Reseller Portal, when, and how."""

    issuer: str
    subject: str
    signed_in_at: datetime
    acr: str | None
    amr: tuple[str, ...]


@dataclass(frozen=True)
class Factors:
    """Which of the issuer's words for a sign-in mean that a second factor was shown."""

    acr: frozenset[str]
    amr: frozenset[str]

    def were_shown(self, identity: Identity) -> bool:
        return identity.acr in self.acr or not self.amr.isdisjoint(identity.amr)


def identity_in(claims: Mapping[str, Any], expected: Expected, now: datetime) -> Identity:
    """Who an ID token is about; ClaimsError where it doesn't answer our request."""
    _check_origin(claims, expected.issuer, expected.client_id, now)
    if claims.get("nonce") != expected.nonce:
        raise ClaimsError("nonce")
    if _instant(claims, "exp") <= now - CLOCKS_DIFFER:
        raise ClaimsError("exp")
    signed_in_at = _instant(claims, "auth_time")
    if not expected.signed_in_since <= signed_in_at <= now + CLOCKS_DIFFER:
        raise ClaimsError("auth_time")
    if "at_hash" in claims and claims["at_hash"] != _hash_of(expected):
        raise ClaimsError("at_hash")
    acr, amr = claims.get("acr"), claims.get("amr", [])
    return Identity(
        issuer=expected.issuer,
        subject=_name(claims, "sub"),
        signed_in_at=min(signed_in_at, now),
        acr=acr if isinstance(acr, str) else None,
        amr=tuple(one for one in amr if isinstance(one, str)) if isinstance(amr, list) else (),
    )


def logged_out_in(
    claims: Mapping[str, Any], issuer: str, client_id: str, now: datetime
) -> tuple[str, str]:
    """Subject and id of a logout token; ClaimsError where it is none, not for us, or too old."""
    _check_origin(claims, issuer, client_id, now)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise ClaimsError("events")
    if "nonce" in claims:  # so that no ID token is taken for one (§2.4)
        raise ClaimsError("nonce")
    if "exp" in claims and _instant(claims, "exp") <= now - CLOCKS_DIFFER:
        raise ClaimsError("exp")
    if _instant(claims, "iat") < now - LOGOUT_LIFE:
        raise ClaimsError("iat")
    return _name(claims, "sub"), _name(claims, "jti")


def _check_origin(claims: Mapping[str, Any], issuer: str, client_id: str, now: datetime) -> None:
    """Made by this issuer for us and nobody else: we trust no other audience."""
    if claims.get("iss") != issuer:
        raise ClaimsError("iss")
    if claims.get("aud") not in (client_id, [client_id]):
        raise ClaimsError("aud")
    if claims.get("azp", client_id) != client_id:
        raise ClaimsError("azp")
    if _instant(claims, "iat") > now + CLOCKS_DIFFER:
        raise ClaimsError("iat")


def _name(claims: Mapping[str, Any], which: str) -> str:
    """What the issuer calls somebody or something: up to 255 ASCII characters (Core §2)."""
    name = claims.get(which)
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME or not name.isascii():
        raise ClaimsError(which)
    return name


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ClaimsError(name)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise ClaimsError(name) from error


def _hash_of(expected: Expected) -> str:
    """What `at_hash` must be (Core §3.1.3.6): by the signature's own hash, for Ed25519 SHA-512."""
    name = "sha512" if expected.algorithm == "EdDSA" else "sha256"
    digest = hashlib.new(name, expected.access_token.encode()).digest()
    return _base64url(digest[: len(digest) // 2])


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
