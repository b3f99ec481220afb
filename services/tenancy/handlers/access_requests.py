"""Access for a time, as its two sides see it: the reseller that asks and the customer."""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field

from services.tenancy.actions import access_requests
from services.tenancy.actions.access_requests import Wish
from services.tenancy.deps import Deps
from services.tenancy.domain.access_requests import (
    DURATION_PATTERN,
    Access,
    AccessState,
    Move,
    is_duration,
)
from shared.fields import TypedComment
from shared.ids import TypedOrg
from shared.models import Model, Nothing
from shared.paging import PageQuery, cut, read_cursor, read_instant, write_cursor
from shared.routing import Call, Reply

_ORDER: Final = "newest"
Role: TypeAlias = Literal["reseller-admin", "reseller-sales", "reseller-support"]


def _must_be_in_bounds(value: str) -> str:
    if not is_duration(value):
        raise ValueError("From a day to two years.")
    return value


class AccessBody(Model):
    tenant_id: TypedOrg
    roles: list[Role] = Field(
        min_length=1, max_length=3, description="No more than these allow, whoever comes."
    )
    duration: Annotated[
        str, Field(pattern=DURATION_PATTERN), AfterValidator(_must_be_in_bounds)
    ] = Field(examples=["P30D"], description="From P1D to P2Y, in days, weeks, months or years.")
    reason: Annotated[TypedComment, Field(min_length=1)]


class AccessView(Model):
    id: str
    tenant_id: str
    reseller_id: str
    roles: list[str]
    duration: str
    reason: str
    state: AccessState
    requested_at: datetime
    requested_by: str
    decided_at: datetime | None
    decided_by: str | None
    ends_at: datetime | None


class AccessesView(Model):
    items: list[AccessView]
    next_cursor: str | None


async def ask(call: Call[Deps, AccessBody, Nothing]) -> Reply[AccessView]:
    """Ask a customer for access; it lapses when nobody answers for 90 days."""
    body = call.body
    roles = tuple(sorted(set(body.roles)))
    wish = Wish(body.tenant_id, roles, body.duration, body.reason)
    made = await access_requests.request_access(
        call.deps, call.path["rid"], wish, by=call.caller.subject
    )
    return Reply(view(made), status=201)


async def of_reseller(call: Call[Deps, Nothing, PageQuery]) -> Reply[AccessesView]:
    """List what a reseller has asked its customers for, newest first."""
    return await _list(call, "reseller_id", call.path["rid"])


async def of_tenant(call: Call[Deps, Nothing, PageQuery]) -> Reply[AccessesView]:
    """List what a customer was asked for and what it granted, newest first."""
    return await _list(call, "tenant_id", call.path["tid"])


async def approve(call: Call[Deps, Nothing, Nothing]) -> Reply[AccessView]:
    """Grant access from now on, for the time that was asked for."""
    return await _move(call, Move.APPROVE, call.path["tid"])


async def deny(call: Call[Deps, Nothing, Nothing]) -> Reply[AccessView]:
    """Deny access."""
    return await _move(call, Move.DENY, call.path["tid"])


async def end_by_tenant(call: Call[Deps, Nothing, Nothing]) -> Reply[AccessView]:
    """End an access before its time."""
    return await _move(call, Move.END, call.path["tid"])


async def end_by_reseller(call: Call[Deps, Nothing, Nothing]) -> Reply[AccessView]:
    """Give an access back before its time."""
    return await _move(call, Move.END, call.path["rid"])


async def withdraw(call: Call[Deps, Nothing, Nothing]) -> Reply[AccessView]:
    """Take a request back that is not answered yet."""
    return await _move(call, Move.WITHDRAW, call.path["rid"])


async def _move(call: Call[Deps, Nothing, Nothing], move: Move, place: str) -> Reply[AccessView]:
    moved = await access_requests.move_access(
        call.deps,
        call.path["id"],
        move,
        place=place,
        by_org=call.caller.org,
        by=call.caller.subject,
    )
    return Reply(view(moved))


async def _list(call: Call[Deps, Nothing, PageQuery], side: str, org: str) -> Reply[AccessesView]:
    limit, cursor = call.query.limit, read_cursor(call.query.cursor, _ORDER, 2)
    before = (read_instant(cursor[0]), cursor[1]) if cursor else None
    found = await access_requests.list_accesses(
        call.deps, side, org, before, limit, by=call.caller.subject
    )
    page = cut(
        found, limit, lambda last: write_cursor(_ORDER, last.requested_at.isoformat(), last.id)
    )
    items = [view(access) for access in page.items]
    return Reply(AccessesView(items=items, next_cursor=page.next_cursor))


def view(access: Access) -> AccessView:
    return AccessView(
        id=access.id,
        tenant_id=access.tenant_id,
        reseller_id=access.reseller_id,
        roles=list(access.roles),
        duration=access.duration,
        reason=access.reason,
        state=access.state,
        requested_at=access.requested_at,
        requested_by=access.requested_by,
        decided_at=access.decided_at,
        decided_by=access.decided_by,
        ends_at=access.ends_at,
    )
