"""What changes, as server-sent events (WHATWG HTML, 9.2): one part of it, which the gateway asks
for again and again while somebody follows.
"""

import json
from typing import ClassVar

from pydantic import Field

from services.tenancy.actions.changes import changes_after, is_too_old
from services.tenancy.deps import Deps
from services.tenancy.domain.changes import KEPT, Change, moment
from shared.errors import InvalidError
from shared.models import Model, Nothing, Text
from shared.routing import Call, Reply

_LONGEST = 18


class PositionError(InvalidError):
    code = "unknown_position"
    pointer = "#/header/Last-Event-ID"
    detail = "Last-Event-ID is the id of an event that this stream has sent."


class StreamQuery(Model):
    limit: int = Field(200, ge=1, le=500, description="How many at most are sent at once.")


class EventStream(Text):
    """`event: change` with `{"type", "place", "subject", "occurred_at"}`; `event: missed` where one
    was away for more than a day.
    """

    media_type: ClassVar[str] = "text/event-stream"


async def follow(call: Call[Deps, Nothing, StreamQuery]) -> Reply[EventStream]:
    """Follow what changes in the places that one may see.

    Server-sent events, about a second after it happened: in the own organisation, a reseller's
    also in its customers that the caller may look into just then, the vendor's in all. A change
    is shown to whoever may read just then what it is about (of a licence with `licence:read`, and
    so on) or the activity there. Whoever comes back with `Last-Event-ID` goes on from there, for up
    to a day. It ends when the session or the access token does; come back with a new one.
    """
    given, now = call.header("Last-Event-ID"), call.deps.now()
    if given is None:
        return Reply(EventStream(f"id: {moment(now)}\n\n"))
    if len(given) > _LONGEST or not (given.isascii() and given.isdecimal()):
        raise PositionError
    position = int(given)
    changes = await changes_after(call.deps, call.caller.org, position, call.query.limit)
    missed = is_too_old(call.deps, position, KEPT.total_seconds())
    told = "event: missed\ndata: {}\n\n" if missed else ""
    return Reply(EventStream(told + "".join(map(_block, changes))))


def _block(change: Change) -> str:
    data = {
        "type": change.type,
        "place": change.place,
        "subject": change.subject,
        "occurred_at": change.occurred_at.isoformat(),
    }
    return f"id: {change.position}\nevent: change\ndata: {json.dumps(data)}\n\n"
