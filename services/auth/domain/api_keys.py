"""An API key: what a machine of an organisation may do, until when, and the secrets it shows.

It belongs to the organisation, not to who made it. Rotation puts a new secret beside the old one,
so that machines can be moved over one by one: for a while two are good.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.auth.domain.users import GrantTooHighError
from shared.access import Relation, ceiling
from shared.errors import ConflictError, FieldError, InvalidError

LIFE: Final = timedelta(days=90)
LONGEST_LIFE: Final = timedelta(days=365)
OVERLAP: Final = timedelta(hours=24)
LONGEST_OVERLAP: Final = timedelta(days=7)
USE_NOTED_EVERY: Final = timedelta(minutes=1)
MOST: Final = 100
"""How many an organisation may have; two that are made at the same instant may pass it by one."""


class TooManyKeysError(ConflictError):
    code = "too_many_api_keys"
    detail = "Revoke API keys that are not used any more before you create another one."


class KeyShownError(ConflictError):
    """A creation that is sent again: nothing is made twice, and a secret is shown once."""

    code = "api_key_shown_before"
    detail = "This request was carried out and its key was shown then. Rotate it to get another."


class KeyChangedError(ConflictError):
    code = "api_key_changed"
    detail = "Somebody changed this API key at the same moment. Look at it again."


@dataclass(frozen=True)
class Secret:
    """One of the keys that a client may show, known by its digest alone."""

    digest: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    def is_use_worth_noting(self, now: datetime) -> bool:
        return self.last_used_at is None or now >= self.last_used_at + USE_NOTED_EVERY


@dataclass(frozen=True)
class ApiKey:
    id: str
    """The client id."""
    org: str
    name: str
    permissions: tuple[str, ...]
    secrets: tuple[Secret, ...]
    """The newest first; the one before it may be good for a while."""
    created_at: datetime
    created_by: str
    created_by_org: str | None = None
    """Where who created it is at home."""
    revoked_at: datetime | None = None
    version: int = 1

    @property
    def expires_at(self) -> datetime:
        return max(secret.expires_at for secret in self.secrets)

    @property
    def last_used_at(self) -> datetime | None:
        return max((one.last_used_at for one in self.secrets if one.last_used_at), default=None)

    def good_secret(self, digest: str, now: datetime) -> Secret | None:
        """The secret of this digest, if it may still be used."""
        if self.revoked_at is not None:
            return None
        found = (one for one in self.secrets if one.digest == digest and now < one.expires_at)
        return next(found, None)


def check_permissions(org: str, wanted: Iterable[str], held: frozenset[str]) -> tuple[str, ...]:
    """Each permission once, in order.

    Raises InvalidError where nobody of this organisation could ever have one of them, and
    GrantTooHighError where whoever asks doesn't hold them all in this place.
    """
    once = set(wanted)
    highest = [ceiling(org, relation) for relation in Relation]
    if not once <= frozenset().union(*highest):
        text = "Nobody of this organisation can have all of these."
        raise InvalidError(fields=[FieldError("#/body/permissions", "not_for_this_place", text)])
    if not once <= held:
        raise GrantTooHighError
    return tuple(sorted(once))


def expiry(wanted: datetime | None, now: datetime) -> datetime:
    """When a key ends: as wanted, within a year, else in 90 days."""
    if wanted is None:
        return now + LIFE
    if not now < wanted <= now + LONGEST_LIFE:
        text = "A key ends in the future and within 365 days."
        raise InvalidError(fields=[FieldError("#/body/expires_at", "out_of_range", text)])
    return wanted.replace(microsecond=wanted.microsecond // 1000 * 1000)


def rotated(key: ApiKey, fresh: Secret, overlap: timedelta, now: datetime) -> ApiKey:
    """The key with a fresh secret; the one that machines use stays good for the overlap.

    Where the newest was never used (an answer that got lost, a change of mind), it is replaced,
    and the one before it is the one that machines use.
    """
    newest, *before = key.secrets
    in_use = before[0] if newest.last_used_at is None and before else newest
    ending = replace(in_use, expires_at=min(in_use.expires_at, now + overlap))
    return replace(key, secrets=(fresh, ending), version=key.version + 1)
