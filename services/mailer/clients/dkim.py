"""Signs mails so that their recipients can tell they come from us (RFC 6376, RFC 8463).

Done here with the `cryptography` that we have: the packages for it sign RSA in Python itself, a
hundred times slower than a mail takes, and come without wheels.
"""

import base64
import hashlib
import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from services.mailer.domain.dkim_keys import read_dkim_key

_SIGNED: Final = (
    *("from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version"),
    *("content-type", "list-unsubscribe", "list-unsubscribe-post", "x-request-id"),
)
_ONCE_MORE: Final = ("from", "to", "subject", "date")
"""Signed as absent once more, so that a second one can't be added (RFC 6376 §8.15)."""
_SPACES: Final = re.compile(rb"[ \t]+")


class Dkim:
    def __init__(self, domain: str, selector: str, pem: str) -> None:
        self._key = read_dkim_key(pem)
        is_rsa = isinstance(self._key, RSAPrivateKey)
        algorithm = "rsa-sha256" if is_rsa else "ed25519-sha256"
        self._fixed = f"v=1; a={algorithm}; c=relaxed/relaxed; d={domain}; s={selector}"

    def sign(self, letter: bytes) -> bytes:
        """The letter, as it goes over the wire with CRLF, with its signature in front."""
        head, _, body = letter.partition(b"\r\n\r\n")
        headers = _headers(head)
        names = [name for name in _SIGNED if name in headers] + list(_ONCE_MORE)
        digest = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
        unsigned = f"{self._fixed}; h={':'.join(names)}; bh={digest}; b="
        signed = [headers[name] for name in _SIGNED if name in headers]
        signed.append(b"dkim-signature:" + unsigned.encode("ascii"))
        signature = base64.b64encode(self._signature(b"\r\n".join(signed))).decode()
        folded = "\r\n ".join(re.findall(".{1,70}", signature))
        line = f"DKIM-Signature: {unsigned}".replace("; ", ";\r\n ")
        return f"{line}\r\n {folded}\r\n".encode("ascii") + letter

    def _signature(self, text: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(text, PKCS1v15(), SHA256())
        return self._key.sign(hashlib.sha256(text).digest())


def _headers(head: bytes) -> dict[str, bytes]:
    """Each header that comes once, in relaxed form (RFC 6376 §3.4.2)."""
    found: dict[str, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        key = name.strip().lower()
        text = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip()
        found[key.decode("ascii")] = key + b":" + text
    return found


def _relaxed_body(body: bytes) -> bytes:
    """Without spaces at line ends, runs of them as one, no empty lines at the end (§3.4.4)."""
    lines = (_SPACES.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n"))
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    return text + b"\r\n" if text else b""
