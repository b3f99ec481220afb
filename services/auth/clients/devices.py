"""Proof that an account's owner has signed in completely from a device (OWASP device cookies).

It opens nothing: it only has its guesses counted apart from those of strangers, and spares its
owner the mail about a new device.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.ids import new_id
from shared.keys import Keys
from shared.macs import Macs

_PREFIX: Final = "pdt_"
_PARTS: Final = 3


@dataclass(frozen=True)
class Device:
    account_id: str
    id: str


class Devices:
    """A token names account, device and end, and proves that we made it (HMAC-SHA-256)."""

    def __init__(self, vault: Keys, life: timedelta) -> None:
        self.life = life
        self._macs = Macs(vault, "known devices")

    def make(self, account_id: str, now: datetime, known: Device | None) -> str:
        """A token for this account; a device that is known already stays the same device."""
        is_same = known is not None and known.account_id == account_id
        device_id = known.id if known and is_same else new_id()
        body = f"{account_id}.{device_id}.{int((now + self.life).timestamp())}"
        return f"{_PREFIX}{body}.{self._macs.make_text(body)}"

    def read(self, token: str | None, now: datetime) -> Device | None:
        """The device that a token stands for; None where it is not ours or past its time."""
        body, _, mac = (token or "").removeprefix(_PREFIX).rpartition(".")
        is_ours = self._macs.prove_text(mac, body)
        parts = body.split(".")
        if not is_ours or len(parts) != _PARTS or int(parts[2]) <= now.timestamp():
            return None
        return Device(parts[0], parts[1])

    def marks(self, account_id: str, *facts: str) -> list[str]:
        """What a device without a token is remembered by, the one to keep first. The facts about
        it can't be worked out of a mark, nor can one account's marks be found at another's.
        """
        body = "\n".join(("mark:" + account_id, *facts))
        return [mark.hex() for mark in self._macs.all(body.encode())]
