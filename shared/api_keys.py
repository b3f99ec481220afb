"""The form of API keys: recognisable by people, scanners and the gateway, kept only as a digest.

A key is `mspk_<client id>_<secret><checksum>`: 256 random bits in hexadecimal digits, then the
CRC-32 of all before it, so that a mistyped or invented key is told without asking anybody.
"""

import hashlib
import re
import secrets
import zlib
from typing import Final

PREFIX: Final = "mspk_"
_FORM: Final = re.compile(r"(mspk_([0-9a-f]{32})_[0-9a-f]{64})([0-9a-f]{8})")


def new_key(client_id: str) -> str:
    """A fresh key of this client; only who asked for it may ever see it."""
    body = f"{PREFIX}{client_id}_{secrets.token_hex(32)}"
    return body + _checksum(body)


def is_well_formed(key: str) -> bool:
    """Whether it might be a key of ours; whether it is one, only its digest tells."""
    found = _FORM.fullmatch(key)
    return found is not None and _checksum(found.group(1)) == found.group(3)


def digest(key: str) -> str:
    """What is kept of a key (SHA-256); of 256 random bits nothing can be guessed from it."""
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
