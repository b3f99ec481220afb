"""Password hashes from other systems: Argon2, bcrypt, and PBKDF2 as Django and passlib write it.

They are good for one sign-in, after which the account has a hash like any other. A hash that would
take longer or more memory than the `MOST_…` allow is not taken over at all.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

import bcrypt

LEAST_BCRYPT: Final = 4
MOST_BCRYPT: Final = 13
"""Rounds as powers of two."""
MOST_PBKDF2: Final = 2_000_000
MOST_ARGON2_KIB: Final = 262_144
"""Memory times passes."""
_ARGON2: Final = re.compile(
    r"\$argon2id?\$v=19\$m=(?P<kib>\d{4,7}),t=(?P<passes>\d{1,3}),p=(?:[1-9]|1[0-6])"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)
"""Up to 16 lanes, each of them a thread; salt and sum up to 64 bytes."""
_BCRYPT_BYTES: Final = 72
"""bcrypt never looked at more of a password."""
_BCRYPT: Final = re.compile(r"\$2[abxy]\$(?P<rounds>\d\d)\$[./A-Za-z0-9]{53}")
_DJANGO_BCRYPT: Final = re.compile(r"bcrypt(?P<first>_sha256)?\$(?P<hash>\$2.*)")
_DJANGO: Final = re.compile(
    r"pbkdf2_(?P<digest>sha1|sha256|sha512)\$(?P<rounds>\d{1,9})\$(?P<salt>[^$]+)\$(?P<sum>[^$]+)"
)
_PASSLIB: Final = re.compile(
    r"\$pbkdf2(?:-(?P<digest>sha256|sha512))?\$(?P<rounds>\d{1,9})\$(?P<salt>[^$]*)\$(?P<sum>[^$]+)"
)
Check = Callable[[str], bool]


class ImportedHashError(ValueError):
    """What is taken over is an Argon2id, bcrypt or PBKDF2 hash of at most usual cost."""


def is_imported(password_hash: str) -> bool:
    return not password_hash.startswith("$argon2")


def check_importable(password_hash: str) -> None:
    """Raise ImportedHashError unless a password can be checked against this hash."""
    is_known = _checker(password_hash) if is_imported(password_hash) else _is_argon2(password_hash)
    if not is_known:
        raise ImportedHashError


def _is_argon2(password_hash: str) -> bool:
    found = _ARGON2.fullmatch(password_hash)
    return found is not None and int(found["kib"]) * int(found["passes"]) <= MOST_ARGON2_KIB


def verify_imported(password_hash: str, password: str) -> bool:
    check = _checker(password_hash)
    return check is not None and check(password)


def _checker(password_hash: str) -> Check | None:
    """How to check a password against this hash; None where it is of no kind that is known."""
    if password_hash.startswith(("$2", "bcrypt")):
        return _bcrypt(password_hash)
    django, passlib = _DJANGO.fullmatch(password_hash), _PASSLIB.fullmatch(password_hash)
    found = django or passlib
    if found is None:
        return None
    try:
        salt = found["salt"].encode() if django else _adapted(found["salt"])
        wanted = _adapted(found["sum"])
    except binascii.Error:
        return None
    return _pbkdf2(found["digest"] or "sha1", int(found["rounds"]), salt, wanted)


def _bcrypt(password_hash: str) -> Check | None:
    """Plain, or in Django's wrapping, which may hash the password with SHA-256 before."""
    wrapped = _DJANGO_BCRYPT.fullmatch(password_hash)
    plain = wrapped["hash"] if wrapped else password_hash
    found = _BCRYPT.fullmatch(plain)
    if found is None or not LEAST_BCRYPT <= int(found["rounds"]) <= MOST_BCRYPT:
        return None

    def check(password: str) -> bool:
        given = password.encode()
        if wrapped and wrapped["first"]:
            given = hashlib.sha256(given).hexdigest().encode()
        try:
            return bcrypt.checkpw(given[:_BCRYPT_BYTES], plain.encode())
        except ValueError:  # a salt that only looks like one
            return False

    return check


def _pbkdf2(digest: str, rounds: int, salt: bytes, wanted: bytes) -> Check | None:
    if not 1 <= rounds <= MOST_PBKDF2 or len(wanted) != hashlib.new(digest).digest_size:
        return None

    def check(password: str) -> bool:
        found = hashlib.pbkdf2_hmac(digest, password.encode(), salt, rounds)
        return hmac.compare_digest(found, wanted)

    return check


def _adapted(text: str) -> bytes:
    """Passlib's base64: a dot for the plus, no padding."""
    padded = text.replace(".", "+") + "=" * (-len(text) % 4)
    return base64.b64decode(padded, validate=True)
