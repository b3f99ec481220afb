"""What time does to a licence by itself: it passes into another state, and its end is announced.

Everything happens at known instants, so a licence is looked at when the next of them has come and
not before. What was missed is caught up: the state as it is now, and the last reminder due.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from services.licensing.domain.licences import OVER, Licence, LicenceState, state
from services.licensing.domain.products import known_product
from services.licensing.domain.terms import BERLIN, NEVER, archived_at, timeline, today
from shared.contracts.licensing import LicenceEndAnnounced, LicenceSeatsAnnounced

REMINDER_DAYS: Final = (60, 30, 14, 7, 1)
"""How many days ahead of its last one a licence's end is announced, once each."""
REMINDER_TIME: Final = time(8)
"""In Berlin, where no change of clocks falls on it."""
SHARES: Final = (100, 90)
"""At how many percent of the seats in use it is announced that they run out, once each."""
_SILENT: Final = OVER | {LicenceState.SUSPENDED, LicenceState.EXPIRED, LicenceState.GRACE}


def next_moment(licence: Licence) -> datetime | None:
    """The first instant after the one up to which everything was noticed; None if there is none."""
    since = licence.noticed_at or licence.created_at
    ahead = (at for at in (*_passings(licence), *_reminders(licence)) if since < at < NEVER)
    return min(ahead, default=None)


def has_passed(licence: Licence, now: datetime) -> bool:
    """Whether time has brought it into another state since it was last looked at."""
    return state(licence, licence.noticed_at or licence.created_at) is not state(licence, now)


def end_to_announce(
    licence: Licence, tenant_name: str, now: datetime
) -> LicenceEndAnnounced | None:
    """The announcement that is due, if one is: of several that were missed the last alone."""
    since = licence.noticed_at or licence.created_at
    if licence.ends_on is None or state(licence, now) in _SILENT:
        return None
    if licence.cancelled_at is not None or not any(since < at <= now for at in _reminders(licence)):
        return None
    return LicenceEndAnnounced(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        tenant_name=tenant_name,
        reseller_id=licence.reseller_id,
        product_name=known_product(licence.product).name,
        ends_on=licence.ends_on,
        days_left=(licence.ends_on - today(now)).days,
    )


def share_in_use(used: int, seats: int | None) -> int:
    """The highest share of the seats that is in use and worth telling; 0 where none is."""
    if seats is None:
        return 0
    return next((share for share in SHARES if used * 100 >= seats * share), 0)


def seats_to_announce(
    licence: Licence, used: int, tenant_name: str
) -> LicenceSeatsAnnounced | None:
    """The announcement that so many seats in use ask for, unless it was made for these seats."""
    share = share_in_use(used, licence.seats)
    if licence.seats is None or share <= licence.announced_share:
        return None
    return LicenceSeatsAnnounced(
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        tenant_name=tenant_name,
        reseller_id=licence.reseller_id,
        product_name=known_product(licence.product).name,
        share=share,
        seats=licence.seats,
        seats_used=used,
    )


def _passings(licence: Licence) -> Iterator[datetime]:
    """When its state changes, also that of a suspended licence, whose time runs on."""
    if licence.revoked_at is not None:
        return
    instants = timeline(licence.starts_on, licence.ends_on)
    yield from (instants.starts_at, instants.expiring_at, instants.grace_at)
    if licence.cancelled_at is not None:
        yield licence.cancelled_at
    else:
        yield from (instants.expired_at, archived_at(licence.ends_on))


def _reminders(licence: Licence) -> Iterator[datetime]:
    if licence.ends_on is not None:
        for days in REMINDER_DAYS:
            yield _morning(licence.ends_on - timedelta(days=days))


def _morning(day: date) -> datetime:
    return datetime.combine(day, REMINDER_TIME, BERLIN).astimezone(UTC)
