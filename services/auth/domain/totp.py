"""Time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30 seconds) and recovery codes."""

import hashlib
import re
from datetime import datetime
from typing import Final
from urllib.parse import quote

import pyotp

STEP_SECONDS: Final = 30
WINDOW: Final = 1
SECRET_CHARACTERS: Final = 32
"""160 bits in base32 (RFC 4226 §4, R6)."""
RECOVERY_CODES: Final = 10
ISSUER: Final = "Mobile Security Portal"
_CODE: Final = re.compile(r"[0-9]{6}", re.ASCII)
_RECOVERY: Final = re.compile(r"[a-z2-7]{16}", re.ASCII)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, within one step of now, or None.

    The caller accepts a step only if it is later than the last one accepted, in one atomic act.
    """
    if not _CODE.fullmatch(code):
        return None
    totp = pyotp.TOTP(secret)
    step = int(now.timestamp()) // STEP_SECONDS
    found = None
    for candidate in (step - WINDOW, step, step + WINDOW):
        if pyotp.utils.strings_equal(code, totp.generate_otp(candidate)):
            found = candidate
    return found


def otpauth_uri(secret: str, username: str, org: str) -> str:
    """What an authenticator app reads; the label keeps the tenants of one person apart."""
    label = quote(f"{ISSUER}:{username} ({org})")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(ISSUER)}"


def is_recovery_code(code: str) -> bool:
    return _RECOVERY.fullmatch(_bare(code)) is not None


def recovery_hash(account_id: str, code: str) -> str:
    """How a recovery code (80 random bits) is kept."""
    return hashlib.sha256(f"{account_id}:{_bare(code)}".encode()).hexdigest()


def readable(code: str) -> str:
    """A recovery code as it is shown: four groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _bare(code: str) -> str:
    return code.replace("-", "").replace(" ", "").lower()
