"""What happened in an organisation: as pages, and as files that can be verified."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from services.tenancy.actions.activity import list_activity
from services.tenancy.deps import Deps
from services.tenancy.domain.activity import ActivityFilter, Position
from services.tenancy.domain.chain import Entry
from shared.ids import TypedId, TypedOrg
from shared.models import Model, Nothing
from shared.paging import CursorError, PageQuery, cut, read_cursor, read_instant, write_cursor
from shared.routing import Call, Reply

_ORDER: Final = "newest"
_LONGEST_SEQUENCE: Final = 15
_Instant = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]


class ActivityFilterQuery(Model):
    since: _Instant | None = Field(None, description="Not before this instant.")
    until: _Instant | None = Field(None, description="Before this instant.")
    actor: TypedId | None = Field(None, description="Who did it.")
    actor_org: TypedOrg | None = Field(None, description="Organisation of who did it.")
    what: str | None = Field(
        None,
        pattern=r"^[a-z_]{1,40}(\.[a-z_]{1,40})?$",
        examples=["totp_reset.asked", "totp_reset"],
        description="What was done, or what it was done with.",
    )


class ActivityQuery(ActivityFilterQuery, PageQuery):
    """A page of those that fit."""


class ActivityView(Model):
    id: str
    at: datetime
    place: str = Field(description="The organisation that it was done in.")
    actor: str | None = Field(
        description="Who did it: an account, or `operator-` and a name for somebody at the command"
        " line; null where nobody was signed in."
    )
    actor_org: str | None
    what: str = Field(examples=["totp_reset.asked"])
    subject: str = Field(description="The account, key, licence or organisation it was done to.")
    reason: str | None
    request_id: str | None
    details: dict[str, str]
    sequence: int = Field(description="Its place in the organisation's chain.")
    hash: str


class ActivitiesView(Model):
    items: list[ActivityView]
    next_cursor: str | None


async def of_own(call: Call[Deps, Nothing, ActivityQuery]) -> Reply[ActivitiesView]:
    """List what happened in one's own organisation and what its people did elsewhere."""
    return await _list(call, call.caller.org)


async def of_reseller(call: Call[Deps, Nothing, ActivityQuery]) -> Reply[ActivitiesView]:
    """List what happened in a reseller's organisation and what its staff did elsewhere."""
    return await _list(call, call.path["rid"])


async def of_tenant(call: Call[Deps, Nothing, ActivityQuery]) -> Reply[ActivitiesView]:
    """List what happened in a tenant, by whomever, newest first."""
    return await _list(call, call.path["tid"])


async def by_outsiders(call: Call[Deps, Nothing, ActivityQuery]) -> Reply[ActivitiesView]:
    """List when the reseller or the vendor entered a tenant, and what they did there."""
    return await _list(call, call.path["tid"], only_from_outside=True)


async def _list(
    call: Call[Deps, Nothing, ActivityQuery], org: str, *, only_from_outside: bool = False
) -> Reply[ActivitiesView]:
    query = call.query
    which = filter_of(query, query.cursor, not_of=org if only_from_outside else None)
    found = await list_activity(call.deps, org, which, query.limit)
    page = cut(found, query.limit, mark)
    items = [_view(entry) for entry in page.items]
    return Reply(ActivitiesView(items=items, next_cursor=page.next_cursor))


def filter_of(
    query: ActivityFilterQuery, cursor: str | None, *, not_of: str | None = None
) -> ActivityFilter:
    return ActivityFilter(
        since=query.since,
        until=query.until,
        actor=query.actor,
        actor_org=query.actor_org,
        what=query.what,
        not_of=not_of,
        before=_position(cursor),
    )


def mark(last: Entry) -> str:
    return write_cursor(_ORDER, last.activity.at.isoformat(), str(last.sequence))


def _position(cursor: str | None) -> Position | None:
    found = read_cursor(cursor, _ORDER, 2)
    if found is None:
        return None
    at, sequence = found
    if len(sequence) > _LONGEST_SEQUENCE or not sequence.isdecimal():
        raise CursorError
    return Position(read_instant(at), int(sequence))


def _view(entry: Entry) -> ActivityView:
    activity = entry.activity
    return ActivityView(
        id=activity.id,
        at=activity.at,
        place=activity.place,
        actor=activity.actor,
        actor_org=activity.actor_org,
        what=activity.what,
        subject=activity.subject,
        reason=activity.reason,
        request_id=activity.request_id,
        details=dict(activity.details),
        sequence=entry.sequence,
        hash=entry.hash,
    )
