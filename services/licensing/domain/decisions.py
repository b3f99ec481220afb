"""May this device use this feature? One code says yes, or the first reason against it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.licensing.domain.licences import Licence, LicenceState, state, timeline_of
from services.licensing.domain.products import AfterExpiry, known_product
from services.licensing.domain.sandbox import now_of, really
from services.licensing.domain.terms import NEVER, archived_at, end_of, today


class Code(StrEnum):
    """What a check may answer. The order is the precedence: the first that applies is told."""

    LICENCE_UNKNOWN = "licence_unknown"
    """There is no licence of this key."""
    DEVICE_NOT_ACTIVATED = "device_not_activated"
    """The device has no seat: it was never activated on this licence, or was removed."""
    LICENCE_REVOKED = "licence_revoked"
    LICENCE_CANCELLED = "licence_cancelled"
    LICENCE_SUSPENDED = "licence_suspended"
    LICENCE_NOT_STARTED = "licence_not_started"
    LICENCE_EXPIRED = "licence_expired"
    """Its days of grace are over too."""
    FEATURE_NOT_INCLUDED = "feature_not_included"
    VALID = "valid"


@dataclass(frozen=True)
class Question:
    """What was asked, with what is known of it."""

    feature: str
    licence: Licence | None
    has_seat: bool | None = None
    """None where nothing was asked about a device."""


@dataclass(frozen=True)
class Decision:
    code: Code
    until: datetime | None
    """When the answer changes if nobody does anything; None where it never would."""
    licence: Licence | None

    @property
    def is_allowed(self) -> bool:
        return self.code is Code.VALID

    def max_age(self, now: datetime, longest: timedelta) -> timedelta:
        """How long the answer may be kept: at most until it changes by itself.

        That a key is unknown or a device has no seat may end at any moment, so it is not kept.
        """
        if self.code in _NOT_KEPT:
            return timedelta(0)
        left = longest if self.until is None else min(longest, self.until - now)
        return timedelta(seconds=int(left.total_seconds()))


_NOT_KEPT: Final = frozenset({Code.LICENCE_UNKNOWN, Code.DEVICE_NOT_ACTIVATED})
_MANAGEMENT: Final = "device-management"
_EXPIRED: Final = frozenset({LicenceState.EXPIRED, LicenceState.ARCHIVED})
Guard = Callable[[Licence, Question, LicenceState, date], bool]
GUARDS: Final[tuple[tuple[Code, Guard], ...]] = (
    (Code.DEVICE_NOT_ACTIVATED, lambda _, asked, *__: asked.has_seat is False),
    (Code.LICENCE_REVOKED, lambda _, __, found, ___: found is LicenceState.REVOKED),
    (Code.LICENCE_CANCELLED, lambda _, __, found, ___: found is LicenceState.CANCELLED),
    (Code.LICENCE_SUSPENDED, lambda _, __, found, ___: found is LicenceState.SUSPENDED),
    (Code.LICENCE_NOT_STARTED, lambda _, __, found, ___: found is LicenceState.ORDERED),
    (
        Code.LICENCE_EXPIRED,
        lambda held, asked, found, _: found in _EXPIRED and not _outlives(held, asked, found),
    ),
    (
        Code.FEATURE_NOT_INCLUDED,
        lambda held, asked, _, day: not _includes(held, asked.feature, day),
    ),
)
"""Asked one after the other; a licence that is unknown comes before all of them."""


def decide(asked: Question, now: datetime) -> Decision:
    licence = asked.licence
    if licence is None:
        unknown = Code.LICENCE_UNKNOWN if asked.has_seat is None else Code.DEVICE_NOT_ACTIVATED
        return Decision(unknown, None, None)
    now = now_of(licence, now)
    found, day = state(licence, now), today(now)
    against = (code for code, applies in GUARDS if applies(licence, asked, found, day))
    until = _changes_at(licence, asked, now)
    told = until and really(licence, until)
    return Decision(next(against, Code.VALID), told, licence)


def _includes(licence: Licence, feature: str, day: date) -> bool:
    return any(
        each.feature == feature and (each.ends_on is None or day <= each.ends_on)
        for each in licence.entitlements
    )


def _outlives(licence: Licence, asked: Question, found: LicenceState) -> bool:
    """Whether the product leaves this to a device that has its seat when the licence expires."""
    if asked.has_seat is not True or found is not LicenceState.EXPIRED:
        return False
    match known_product(licence.product).after_expiry:
        case AfterExpiry.MAINTAIN:
            return True
        case AfterExpiry.RESTRICT:
            return asked.feature == _MANAGEMENT
        case AfterExpiry.REVOKE:
            return False


def _changes_at(licence: Licence, asked: Question, now: datetime) -> datetime | None:
    """The next instant at which the licence begins or ends to be valid, or to have the feature."""
    instants = timeline_of(licence)
    changes = [instants.starts_at, instants.expired_at]
    changes += [
        end_of(each.ends_on)
        for each in licence.entitlements
        if each.feature == asked.feature and each.ends_on is not None
    ]
    if _outlives(licence, asked, state(licence, now)):
        changes.append(archived_at(licence.ends_on))
    return min((at for at in changes if now < at < NEVER), default=None)
