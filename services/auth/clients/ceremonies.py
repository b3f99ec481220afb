"""Challenges for passkeys: random, short-lived, and good for one purpose of one person only.

Nothing is kept of a challenge until it is answered: it proves itself that we made it (HMAC-SHA-256)
and what for. So whoever asks for a million of them fills nobody's database.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from services.auth.domain.passkeys import Ceremony, PasskeyRefusedError
from shared.keys import Keys
from shared.macs import Macs

LIFE: Final = timedelta(minutes=5)
_RANDOM: Final = 16
_UNTIL: Final = 8


class Ceremonies:
    def __init__(self, vault: Keys) -> None:
        self._macs = Macs(vault, "passkey challenges")

    def begin(self, ceremony: Ceremony, bound_to: str, now: datetime) -> bytes:
        """A challenge for this ceremony; `bound_to` says of whom, in which session or sign-in."""
        until = int((now + LIFE).timestamp()).to_bytes(_UNTIL)
        body = secrets.token_bytes(_RANDOM) + until
        return body + self._macs.make(_signed(ceremony, bound_to, body))

    def check(self, challenge: bytes, ceremony: Ceremony, bound_to: str, now: datetime) -> None:
        """Raise PasskeyRefusedError unless we made this challenge for just this, a while ago."""
        body, mac = challenge[: _RANDOM + _UNTIL], challenge[_RANDOM + _UNTIL :]
        is_ours = self._macs.prove(mac, _signed(ceremony, bound_to, body))
        if not is_ours or int.from_bytes(body[_RANDOM:]) <= now.timestamp():
            raise PasskeyRefusedError


def _signed(ceremony: Ceremony, bound_to: str, body: bytes) -> bytes:
    return f"{ceremony}:{bound_to}:".encode() + body
