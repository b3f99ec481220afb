"""Challenges for passkeys: random, short-lived, and good for one purpose of one person only.

Nothing is kept of a challenge until it is answered: it proves itself that we made it (HMAC-SHA-256)
and what for. So whoever asks for a million of them fills nobody's database.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from services.auth.domain.passkeys import Ceremony, PasskeyRefusedError
from shared.keys import Keys

LIFE: Final = timedelta(minutes=5)
_RANDOM: Final = 16
_UNTIL: Final = 8


class Ceremonies:
    def __init__(self, vault: Keys) -> None:
        self._secrets = [
            hashlib.sha256(b"portal passkey challenges:" + key.raw_value).digest()
            for key in vault.octets()
        ]

    def begin(self, ceremony: Ceremony, bound_to: str, now: datetime) -> bytes:
        """A challenge for this ceremony; `bound_to` says of whom, in which session or sign-in."""
        until = int((now + LIFE).timestamp()).to_bytes(_UNTIL)
        body = secrets.token_bytes(_RANDOM) + until
        return body + _mac(self._secrets[0], ceremony, bound_to, body)

    def check(self, challenge: bytes, ceremony: Ceremony, bound_to: str, now: datetime) -> None:
        """Raise PasskeyRefusedError unless we made this challenge for just this, a while ago."""
        body, mac = challenge[: _RANDOM + _UNTIL], challenge[_RANDOM + _UNTIL :]
        is_ours = [
            hmac.compare_digest(_mac(secret, ceremony, bound_to, body), mac)
            for secret in self._secrets
        ]
        if not any(is_ours) or int.from_bytes(body[_RANDOM:]) <= now.timestamp():
            raise PasskeyRefusedError


def _mac(secret: bytes, ceremony: Ceremony, bound_to: str, body: bytes) -> bytes:
    return hmac.digest(secret, f"{ceremony}:{bound_to}:".encode() + body, "sha256")
