"""Tokens by which an activated device is known again.

A token names the device and proves that we made it (HMAC-SHA-256). It is derived, not stored: the
same device that activates again, or whose answer got lost, gets the same one. It is good while the
device has its seat; a removed device that activates again is another one, with another token.
"""

import re
from typing import Final

from shared.keys import Keys
from shared.macs import Macs

_FORM: Final = re.compile(r"msdt_([0-9a-f]{32})_([0-9a-f]{64})")


class DeviceTokens:
    def __init__(self, keys: Keys) -> None:
        self._macs = Macs(keys, "device tokens")

    def make(self, device_id: str) -> str:
        return f"msdt_{device_id}_{self._macs.make_text(device_id)}"

    def read(self, token: str) -> str | None:
        """The id of the device that a token stands for; None where it is not ours."""
        found = _FORM.fullmatch(token)
        if found is None:
            return None
        device_id, mac = found.groups()
        return device_id if self._macs.prove_text(mac, device_id) else None
