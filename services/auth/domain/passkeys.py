"""Passkeys: keys that the owner of an account holds in an authenticator (WebAuthn Level 2)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.errors import ConflictError, InvalidError, UnauthenticatedError

MOST: Final = 20
"""So many passkeys an account may have."""


class Ceremony(StrEnum):
    """What a challenge was made for; it is good for nothing else."""

    REGISTRATION = "registration"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"
    STEP_UP = "step_up"


class PasskeyRefusedError(UnauthenticatedError):
    """The one refusal of a passkey: unknown, of another account, forged, used or late answer."""

    code = "passkey_refused"
    detail = "This passkey is not accepted here, or its answer was used already or came too late."


class PasskeyInvalidError(InvalidError):
    code = "passkey_not_accepted"
    pointer = "#/body/credential"
    detail = "This passkey can't be registered. Start again, and answer within five minutes."


class PasskeyKnownError(ConflictError):
    code = "passkey_known"
    detail = "This passkey is registered already."


class TooManyPasskeysError(ConflictError):
    code = "too_many_passkeys"
    detail = f"An account may have {MOST} passkeys. Remove one first."


@dataclass(frozen=True)
class Creation:
    """What an authenticator tells of a key that it has just made."""

    credential_id: str
    """In base64url, as browsers and we write it."""
    public_key: bytes
    """In COSE (RFC 9052)."""
    sign_count: int
    transports: tuple[str, ...]
    aaguid: str
    """The authenticator's model, as it says itself; nobody has attested it."""
    is_synced: bool
    """Whether it may be copied to other devices of its owner."""
    verifies_user: bool
    """Whether its owner showed it a PIN, a finger or a face, as it must be without a password."""


@dataclass(frozen=True)
class Passkey(Creation):
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None = None
    version: int = 1
    """Of its name."""

    def is_behind(self, sign_count: int) -> bool:
        """Whether a counter that should only grow has not: somebody may use a copy of the key.

        Authenticators without a counter always say 0 (WebAuthn Level 2, §6.1.1).
        """
        return (sign_count > 0 or self.sign_count > 0) and sign_count <= self.sign_count

    @property
    def shows(self) -> tuple[str, ...]:
        """What an answer of it proves beside another step, in the words of RFC 8176.

        A key that is synced lives in software; of one that isn't we take its maker's word.
        """
        return ("mfa", "swk" if self.is_synced else "hwk", "user")
