"""Whose token or API key is shown: verified once, and remembered until it expires."""

import hashlib
from collections import OrderedDict
from typing import Any, Final

from services.gateway.clients.questions import Questions
from services.gateway.clients.upstreams import UpstreamError
from services.gateway.domain.trust import InvalidTokenError, Known
from shared.api_keys import PREFIX, is_well_formed
from shared.clock import Clock, monotonic
from shared.keys import Keys, TokenError, verify
from shared.passes import ENROLMENT
from shared.step_up import ACR
from shared.tokens import ACCESS_TYPE, AUDIENCE, ENROLMENT_TYPE, KEY_DIGEST_CLAIM

_TOKENS: Final = 50_000
_KEYS_AGAIN_SECONDS: Final = 5.0
_KEYS_OLD_SECONDS: Final = 60.0


class Tokens:
    def __init__(self, questions: Questions, issuer: str, now: Clock) -> None:
        self._questions = questions
        self._issuer = issuer
        self._now = now
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._keys: Keys | None = None
        self._keys_asked_at = float("-inf")

    async def holder(self, token: str) -> Known:
        """Who shows it. InvalidTokenError where it is none or has expired, UpstreamError where
        auth can't be asked just now.
        """
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None:
            is_key = token.startswith(PREFIX)
            known = await (self._shown(token, digest) if is_key else self._verified(token))
            self._known[digest] = known
            if len(self._known) > _TOKENS:
                self._known.popitem(last=False)
        if known.expires_at <= self._now().timestamp():
            del self._known[digest]
            raise InvalidTokenError
        return known

    async def _shown(self, key: str, digest: bytes) -> Known:
        """The client behind an API key; auth is asked by the key's digest alone."""
        if not is_well_formed(key):
            raise InvalidTokenError
        found = await self._questions.key(digest.hex())
        client = found.client_id
        return Known(client, client, found.org, found.expires_at, key_digest=digest.hex())

    async def _verified(self, token: str) -> Known:
        keys = await self._public_keys(again=False)
        try:
            return self._read(keys, token)
        except TokenError:
            keys = await self._public_keys(again=True)
        try:
            return self._read(keys, token)
        except TokenError as error:
            raise InvalidTokenError from error

    async def _public_keys(self, *, again: bool) -> Keys:
        """Auth's published keys; asked for anew at an unknown token, but at most every 5 s.

        They are asked for each minute besides, so that a new key is known before it signs.
        """
        age = monotonic() - self._keys_asked_at
        if self._keys is None or age > (_KEYS_AGAIN_SECONDS if again else _KEYS_OLD_SECONDS):
            self._keys_asked_at = monotonic()
            try:
                self._keys = await self._questions.public_keys()
            except UpstreamError:
                if again or self._keys is None:
                    raise
        return self._keys

    def _read(self, keys: Keys, token: str) -> Known:
        try:
            claims = self._claims(keys, token, ACCESS_TYPE)
        except TokenError:
            claims = self._claims(keys, token, ENROLMENT_TYPE)
            return Known(claims["sub"], ENROLMENT, claims["org"], claims["exp"])
        known = Known(claims["sub"], claims["sid"], claims["org"], claims["exp"])
        if KEY_DIGEST_CLAIM in claims:
            known.key_digest = claims[KEY_DIGEST_CLAIM]
            known.scope = frozenset(claims["scope"].split())
        elif claims.get("acr") == ACR:
            known.factor_at = claims["auth_time"]
        return known

    def _claims(self, keys: Keys, token: str, typ: str) -> dict[str, Any]:
        return verify(keys, token, typ=typ, issuer=self._issuer, audience=AUDIENCE, now=self._now())
