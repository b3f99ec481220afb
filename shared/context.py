"""What caused the work at hand, carried along from the gateway's answer to event, log and mail."""

from contextvars import ContextVar
from dataclasses import dataclass, replace

import structlog

from shared.ids import new_id


@dataclass(frozen=True)
class Cause:
    """Why something happens: the request (or event chain) it belongs to and who asked for it."""

    request_id: str
    actor: str | None = None
    traceparent: str | None = None
    actor_org: str | None = None
    origin: str | None = None
    """Who told us, where that was a program outside of the portal."""


_cause: ContextVar[Cause | None] = ContextVar("cause", default=None)


def cause() -> Cause:
    """The cause of the work at hand; work that nobody asked for gets an id of its own."""
    known = _cause.get()
    if known is None:
        known = Cause(request_id=new_id())
        _cause.set(known)
    return known


def begin(because: Cause, **bound: str | None) -> None:
    """Start a unit of work: whatever an earlier one bound to the log is forgotten."""
    _cause.set(because)
    structlog.contextvars.clear_contextvars()
    known = {name: value for name, value in bound.items() if value is not None}
    structlog.contextvars.bind_contextvars(request_id=because.request_id, **known)


def acting_as(actor: str, org: str | None = None) -> None:
    """From here on the work is done for this account of this organisation."""
    _cause.set(replace(cause(), actor=actor, actor_org=org or None))
