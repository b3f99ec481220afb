"""What happened in a place, and which organisations see it among their own activity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.contracts.events import CloudEvent
from shared.ids import VENDOR, kind_of

SHOWN: Final = (
    "act",
    "count",
    "customers",
    "days_left",
    "duration",
    "ends_on",
    "event_type",
    "expires_at",
    "factor",
    "fields",
    "held_back",
    "level",
    "method",
    "model",
    "name",
    "permissions",
    "platform",
    "product",
    "roles",
    "seats",
    "seats_used",
    "service",
    "session_absolute",
    "session_idle",
    "starts_on",
    "state",
    "status",
    "totp_required_from",
    "since",
    "until",
)
"""What of an event's body is told along. A list of what is shown, not of what isn't: addresses,
sealed tokens and whatever an event will carry one day stay out because they are not in it."""

_PLACES: Final = ("tenant_id", "org", "reseller_id")


@dataclass(frozen=True)
class Activity:
    """One thing that happened."""

    id: str
    """The event's id: an event that comes twice is one row."""
    place: str
    """The organisation that it was done in."""
    at: datetime
    what: str
    """For example `totp_reset.asked`; never changes its meaning."""
    subject: str
    """The account, API key, licence or organisation that it was done to."""
    actor: str | None
    """The account that did it, or `operator-…` for somebody at the command line; None where nobody
    was signed in.
    """
    actor_org: str | None
    reason: str | None
    request_id: str | None
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Position:
    """Where a page ended; rows are read newest first."""

    at: datetime
    sequence: int


@dataclass(frozen=True)
class ActivityFilter:
    """Which part of an organisation's activity is asked for."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    actor_org: str | None = None
    what: str | None = None
    """`totp_reset.asked`, or `totp_reset` for all that is done with resets."""
    not_of: str | None = None
    """Only what people of other organisations did."""
    before: Position | None = None


def activity_of(event: CloudEvent) -> Activity:
    """An event as a row."""
    _, _, noun, verb, _ = event.type.split(".")
    told = event.data
    return Activity(
        id=event.id,
        place=_place(told),
        at=event.time,
        what=f"{noun}.{verb}",
        subject=told.get("account_id") or event.subject,
        actor=event.actor,
        actor_org=event.actororg or None,
        reason=told.get("reason") or None,
        request_id=event.correlationid or None,
        details={name: _text(told[name]) for name in SHOWN if told.get(name) not in (None, [])},
    )


def seen_by(event: CloudEvent, place: str) -> list[str]:
    """The organisations whose activity this belongs to: where it was done, whom it is about, and
    where whoever did it comes from.
    """
    told = event.data
    named = [told.get(name) for name in (*_PLACES, "former_reseller_id")]
    orgs = [org for org in (place, *named, event.actororg) if org and kind_of(org) is not None]
    return list(dict.fromkeys(orgs))


def _place(told: Mapping[str, Any]) -> str:
    for name in _PLACES:
        if told.get(name) and kind_of(told[name]) is not None:
            return str(told[name])
    return VENDOR


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
