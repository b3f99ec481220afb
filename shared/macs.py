"""Proof that we made something: HMAC-SHA-256 by keys that are derived from others for one purpose.

Tokens and challenges that carry such a proof need not be stored.
"""

import hashlib
import hmac

from shared.keys import Keys


class Macs:
    """The first key makes, every key of the set proves."""

    def __init__(self, keys: Keys, purpose: str) -> None:
        """`purpose` keeps what is made for one thing from being good for another."""
        prefix = f"portal {purpose}:".encode()
        self._secrets = [hashlib.sha256(prefix + key.raw_value).digest() for key in keys.octets()]

    def make(self, data: bytes) -> bytes:
        return hmac.digest(self._secrets[0], data, "sha256")

    def all(self, data: bytes) -> list[bytes]:
        """What each key makes of it, that of the first one first."""
        return [hmac.digest(secret, data, "sha256") for secret in self._secrets]

    def prove(self, mac: bytes, data: bytes) -> bool:
        """Whether one of the keys made this."""
        return any(hmac.compare_digest(made, mac) for made in self.all(data))

    def make_text(self, text: str) -> str:
        """The same, in hexadecimal digits, for what travels as text."""
        return self.make(text.encode()).hex()

    def prove_text(self, mac: str, text: str) -> bool:
        given = mac.encode()
        made = [one.hex().encode() for one in self.all(text.encode())]
        return any(hmac.compare_digest(one, given) for one in made)
