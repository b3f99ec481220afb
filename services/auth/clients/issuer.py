"""Speaks to the Reseller Portal as an OpenID Connect provider: where it is, its keys, its tokens.

Whatever it sends is limited in size and time and checked before anybody acts on it.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError

from services.auth.clients.issuer_http import AnswerError, IssuerAwayError, ask, away
from services.auth.domain.federation import (
    ClaimsError,
    Expected,
    Flow,
    Identity,
    identity_in,
    logged_out_in,
)
from shared.keys import Keys

ALGORITHMS: Final = ("ES256", "EdDSA", "PS256", "RS256")
"""By public key alone: with `none` or a shared secret others than the issuer could sign."""
KEPT: Final = timedelta(hours=1)
"""How long metadata and keys are good without asking again."""
SOONEST: Final = timedelta(seconds=30)
"""A key that is not known has them fetched again, but not more often than this."""
BACK_OFF: Final = timedelta(seconds=5)
"""An issuer that was away is not asked again for so long, as `Retry-After` tells people."""
_OF_LOGOUT: Final = "logout+jwt"


@dataclass(frozen=True)
class Client:
    """Who we are at the issuer."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    scope: str
    acr_values: str


@dataclass(frozen=True)
class _Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    """Whether every answer carries `iss` (RFC 9207)."""


class Issuer:
    def __init__(self, client: Client) -> None:
        self.client = client
        self._metadata: tuple[datetime, _Metadata] | None = None
        self._keys: tuple[datetime, Keys] | None = None
        self._away_until = datetime.min.replace(tzinfo=UTC)
        self._fetching = asyncio.Lock()

    async def authorization_url(self, flow: Flow, now: datetime) -> str:
        """Where to send the browser (Core §3.1.2.1, PKCE by RFC 7636)."""
        endpoint = (await self._find(now)).authorization_endpoint
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uri,
            "scope": self.client.scope,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
            "max_age": str(flow.max_age_seconds),
        }
        if self.client.acr_values:
            asked["acr_values"] = self.client.acr_values
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    async def check_sender(self, named: str | None, now: datetime) -> None:
        """Raise AnswerError where an answer names another issuer, or none though ours always does
        (RFC 9207 §2.4).
        """
        must = (await self._find(now)).names_itself
        if named != self.client.issuer and (must or named is not None):
            raise AnswerError("iss of the answer")

    async def redeem(self, code: str, flow: Flow, now: datetime) -> Identity:
        """Who signed in, for the code that came back. Raises AnswerError or IssuerAwayError."""
        tokens = await self._tokens(code, flow, (await self._find(now)).token_endpoint)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise AnswerError("no tokens")
        token = await self._verified(id_token, now)
        expected = Expected(
            issuer=self.client.issuer,
            client_id=self.client.client_id,
            nonce=flow.nonce,
            signed_in_since=flow.signed_in_since,
            access_token=access_token,
            algorithm=str(token.header["alg"]),
        )
        if token.header.get("typ", "JWT") != "JWT":
            raise AnswerError("typ")
        try:
            return identity_in(token.claims, expected, now)
        except ClaimsError as error:
            raise AnswerError(str(error)) from error

    async def logged_out(self, logout_token: str, now: datetime) -> tuple[str, str]:
        """Whom the issuer has signed out, and the token's id. Raises as `redeem` does."""
        token = await self._verified(logout_token, now)
        if token.header.get("typ", _OF_LOGOUT) not in {_OF_LOGOUT, "JWT"}:
            raise AnswerError("typ")
        try:
            return logged_out_in(token.claims, self.client.issuer, self.client.client_id, now)
        except ClaimsError as error:
            raise AnswerError(str(error)) from error

    async def _verified(self, token: str, now: datetime) -> jwt.Token:
        """A token that one of the issuer's keys signed; a key not seen before is asked for."""
        keys = await self._current_keys(now)
        try:
            try:
                return jwt.decode(token, keys.jwks, algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                keys = await self._current_keys(now, unless_younger=SOONEST)
                return jwt.decode(token, keys.jwks, algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise AnswerError(type(error).__name__) from error

    async def _find(self, now: datetime) -> _Metadata:
        """The issuer's metadata (OpenID Connect Discovery 1.0 §4)."""
        async with self._fetching:
            if self._metadata is None or now >= self._metadata[0] + KEPT:
                url = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
                found = _metadata(await self._fetch(url, now), self.client.issuer)
                self._metadata = now, found
            return self._metadata[1]

    async def _current_keys(self, now: datetime, unless_younger: timedelta = KEPT) -> Keys:
        url = (await self._find(now)).jwks_uri
        async with self._fetching:
            if self._keys is None or now >= self._keys[0] + unless_younger:
                try:
                    keys = Keys.parse(json.dumps(await self._fetch(url, now)))
                except ValueError as error:
                    raise away("keys") from error
                self._keys = now, keys
            return self._keys[1]

    async def _fetch(self, url: str, now: datetime) -> dict[str, Any]:
        """What is published there; while the issuer is away, one request in a while finds out."""
        if now < self._away_until:
            raise IssuerAwayError
        try:
            return await ask("GET", url)
        except IssuerAwayError:
            self._away_until = now + BACK_OFF
            raise

    async def _tokens(self, code: str, flow: Flow, endpoint: str) -> Mapping[str, Any]:
        """The answer of the token endpoint (Core §3.1.3)."""
        us = self.client
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": us.redirect_uri,
            "code_verifier": flow.verifier,
        }
        headers = {}
        if us.client_secret is None:
            form["client_id"] = us.client_id
        else:  # each as in a form (RFC 6749 §2.3.1)
            parts = quote_plus(us.client_id), quote_plus(us.client_secret)
            headers["Authorization"] = aiohttp.encode_basic_auth(*parts)
        return await ask("POST", endpoint, data=form, headers=headers)


def _metadata(document: Mapping[str, Any], issuer: str) -> _Metadata:
    if document.get("issuer") != issuer:
        raise away("issuer")
    is_https = issuer.startswith("https://")
    urls = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        url = document.get(name)
        allowed = ("https://",) if is_https else ("https://", "http://")
        if not isinstance(url, str) or not url.startswith(allowed):
            raise away(name)
        urls[name] = url
    names_itself = document.get("authorization_response_iss_parameter_supported") is True
    return _Metadata(**urls, names_itself=names_itself)
