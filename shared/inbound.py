"""What arrives from the Reseller Portal, made safe to be handled like any other event.

Its messages come on an exchange of their own. Whatever one claims there, it is one of its types,
under an id of its own kind, and acts for nobody here.
"""

import hashlib
from typing import Final

from pydantic import ValidationError

from shared.clock import utc_now
from shared.contracts.events import CATALOGUE, CloudEvent
from shared.contracts.reseller_portal import UnknownSent

ORIGIN: Final = "reseller-portal"
INBOUND_EXCHANGE: Final = f"{ORIGIN}.events"
LONGEST: Final = 1_048_576
"""Bytes of a message. A longer one is refused unread."""
_KEPT: Final = 10_000
_LONGEST_ID: Final = 200
_HIGHEST: Final = 2**53
"""Sequences are whole numbers that JSON's readers agree about."""


def origin_of(event_type: str) -> str | None:
    """Who outside of the portal sends events of this type."""
    return ORIGIN if event_type.startswith(f"{ORIGIN}.") else None


def inbound_types() -> list[str]:
    return sorted(name for name in CATALOGUE if origin_of(name))


def read_inbound(body: bytes, routing_key: str) -> CloudEvent:
    """The message as an event of the type that it was routed by.

    One that is none, or is one of another type, becomes one that its contract refuses.
    """
    kind = routing_key if routing_key in inbound_types() else UnknownSent.type
    said = _said(body)
    if said is None or said.type != routing_key:
        return _unreadable(body, kind)
    is_known = kind != UnknownSent.type
    return CloudEvent(
        id=f"{ORIGIN}:{said.id}",
        source=f"/{ORIGIN}",
        type=kind,
        subject=said.subject[:_LONGEST_ID],
        time=said.time,
        sequence=said.sequence,
        resellerid=_text(said.data.get("reseller_id")),
        correlationid=said.id,
        data=said.data if is_known else {**said.data, "unknown": said.type[:_LONGEST_ID]},
    )


def _said(body: bytes) -> CloudEvent | None:
    if len(body) > LONGEST:
        return None
    try:
        said = CloudEvent.model_validate_json(body)
    except ValidationError:
        return None
    is_whole = 0 < len(said.id) <= _LONGEST_ID and 0 <= said.sequence <= _HIGHEST
    return said if is_whole else None


def _unreadable(body: bytes, kind: str) -> CloudEvent:
    """Known by its bytes, so that a second delivery is told from a second message."""
    return CloudEvent(
        id=f"{ORIGIN}:sha256:{hashlib.sha256(body).hexdigest()}",
        source=f"/{ORIGIN}",
        type=kind,
        subject="unreadable",
        time=utc_now(),
        sequence=0,
        data={"unreadable": body[:_KEPT].decode(errors="replace")},
    )


def _text(value: object) -> str | None:
    return value[:_LONGEST_ID] if isinstance(value, str) else None
