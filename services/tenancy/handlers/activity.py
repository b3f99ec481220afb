"""What happened in a tenant or a reseller's organisation."""

from datetime import datetime
from typing import Final

from pydantic import Field

from services.tenancy.actions.activity import list_activity
from services.tenancy.deps import Deps
from services.tenancy.domain.activity import Activity, Position
from shared.models import Model, Nothing
from shared.paging import CursorError, PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply

_ORDER: Final = "newest"


class ActivityView(Model):
    id: str
    at: datetime
    actor: str | None = Field(description="Who did it; null where nobody was signed in.")
    actor_org: str | None
    what: str = Field(examples=["totp_reset.asked"])
    subject: str = Field(description="The account that it was done to.")
    reason: str | None
    request_id: str | None


class ActivitiesView(Model):
    items: list[ActivityView]
    next_cursor: str | None


async def of_tenant(call: Call[Deps, Nothing, PageQuery]) -> Reply[ActivitiesView]:
    """List what was done to a tenant's users, newest first."""
    return await _list(call, call.path["tid"])


async def of_reseller(call: Call[Deps, Nothing, PageQuery]) -> Reply[ActivitiesView]:
    """List what was done to a reseller's staff, newest first."""
    return await _list(call, call.path["rid"])


async def _list(call: Call[Deps, Nothing, PageQuery], place: str) -> Reply[ActivitiesView]:
    limit = call.query.limit
    found = await list_activity(call.deps, place, _position(call.query.cursor), limit)
    page = cut(found, limit, lambda last: write_cursor(_ORDER, last.at.isoformat(), last.id))
    items = [_view(activity) for activity in page.items]
    return Reply(ActivitiesView(items=items, next_cursor=page.next_cursor))


def _position(cursor: str | None) -> Position | None:
    found = read_cursor(cursor, _ORDER, 2)
    if found is None:
        return None
    try:
        return Position(datetime.fromisoformat(found[0]), found[1])
    except ValueError as error:
        raise CursorError from error


def _view(activity: Activity) -> ActivityView:
    return ActivityView(
        id=activity.id,
        at=activity.at,
        actor=activity.actor,
        actor_org=activity.actor_org,
        what=activity.what,
        subject=activity.subject,
        reason=activity.reason,
        request_id=activity.request_id,
    )
