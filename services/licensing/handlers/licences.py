"""Licences, as they are read by their tenant and by the reseller that sold them."""

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from services.licensing.actions.licences import (
    list_licences,
    read_history,
    read_licence,
    read_licence_as_of,
)
from services.licensing.deps import Deps
from services.licensing.domain.ledger import Act, Entry
from services.licensing.domain.licences import Licence, LicenceState, Whose, state
from services.licensing.domain.products import LicenceModel
from services.licensing.domain.sandbox import now_of
from shared.etags import etag
from shared.formats import AsWhole, TypedInstant
from shared.ids import OrgKind, TypedOrg, kind_of
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import CursorError, PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply

_HISTORY: Final = "history"
_VERSION: Final = re.compile(r"[0-9]{1,18}")

Months = Annotated[Literal[12, 24, 36, 60], AsWhole]
Seats = Annotated[int, Field(ge=1, le=100_000, strict=True), AsWhole]


class EntitlementView(Model):
    feature: str
    ends_on: date | None


class LicenceView(Model):
    id: str
    tenant_id: str
    product: str
    model: LicenceModel
    seats: int | None
    seats_used: int
    state: LicenceState
    valid: bool
    starts_on: date
    ends_on: date | None
    entitlements: list[EntitlementView]
    reseller_id: str
    order_number: str | None
    reseller_number: str | None
    created_at: datetime


class LicenceDetailsView(LicenceView):
    key: str | None
    """None where it is asked for as it was."""


class LicencesView(Model):
    items: list[LicenceView]
    next_cursor: str | None


class LicencesQuery(PageQuery):
    tenant_id: TypedOrg | None = None


class InstantQuery(Model):
    at: TypedInstant | None = None


class EntryView(Model):
    act: Act
    at: datetime
    actor: str | None
    actor_org: str | None
    request_id: str
    reason: str | None
    before: LicenceView | None
    after: LicenceView
    version: int


class HistoryView(Model):
    items: list[EntryView]
    next_cursor: str | None


async def whose(call: Call[Deps, Any, Any]) -> Whose:
    """Whose licences the path speaks of, as far as there are any for the caller.

    Into a tenant the gateway lets nobody whom it is not for; at the reseller's own path it is up
    to us.
    """
    tenant_id, reseller_id = call.path.get("tid"), call.path.get("rid")
    only = await call.deps.limits.only(call.caller.subject) if reseller_id else None
    return Whose(tenant_id=tenant_id, reseller_id=reseller_id, only=only)


async def _reader(call: Call[Deps, Any, Any]) -> Whose:
    """Whose past is told: a reseller, also where it looks into a tenant, reads its own alone."""
    found, org = await whose(call), call.caller.org
    return replace(found, reseller_id=org) if kind_of(org) is OrgKind.RESELLER else found


async def list_newest(call: Call[Deps, Nothing, PageQuery]) -> Reply[LicencesView]:
    """List the licences, newest first."""
    return await _page(call.deps, Whose(tenant_id=call.path["tid"]), call.query)


async def list_sold(call: Call[Deps, Nothing, LicencesQuery]) -> Reply[LicencesView]:
    """List the licences of the reseller's customers, valid or not, newest first."""
    sold = replace(await whose(call), tenant_id=call.query.tenant_id)
    return await _page(call.deps, sold, call.query)


async def _page(deps: Deps, of: Whose, query: PageQuery) -> Reply[LicencesView]:
    found = await list_licences(deps, of, newest_position(query.cursor), query.limit)
    page = cut(found, query.limit, lambda last: newest_cursor(last.created_at, last.id))
    now = deps.now()
    items = [licence_view(licence, now) for licence in page.items]
    return Reply(LicencesView(items=items, next_cursor=page.next_cursor))


async def read(call: Call[Deps, Nothing, InstantQuery]) -> Reply[LicenceDetailsView]:
    """Read a licence with its key, or without it as it was at an instant.

    404 also for an instant at which it was another customer's or reseller's.
    """
    deps, lid, at = call.deps, call.path["lid"], call.query.at
    if at is not None:
        reader = await _reader(call)
        then = await read_licence_as_of(deps, await whose(call), lid, at, reader=reader)
        return Reply(LicenceDetailsView(**licence_view(then, at).model_dump(), key=None))
    licence = await read_licence(deps, await whose(call), lid)
    shown = licence_view(licence, deps.now())
    view = LicenceDetailsView(**shown.model_dump(), key=licence.key)
    return Reply(view, headers=etag(licence.version))


async def history(call: Call[Deps, Nothing, PageQuery]) -> Reply[HistoryView]:
    """Read what was done to a licence, by whom and why, the last first.

    Of one that was another customer's or reseller's before, no more than that it came.
    """
    position = read_cursor(call.query.cursor, _HISTORY, 1)
    before = _version(position[0]) if position else None
    found = await read_history(
        call.deps,
        await whose(call),
        call.path["lid"],
        before,
        call.query.limit,
        reader=await _reader(call),
    )
    page = cut(found, call.query.limit, lambda last: write_cursor(_HISTORY, str(last.version)))
    items = [_entry_view(entry) for entry in page.items]
    return Reply(HistoryView(items=items, next_cursor=page.next_cursor))


def _version(text: str) -> int:
    if not _VERSION.fullmatch(text):
        raise CursorError
    return int(text)


def _entry_view(entry: Entry) -> EntryView:
    return EntryView(
        act=entry.act,
        at=entry.at,
        actor=entry.actor,
        actor_org=entry.actor_org,
        request_id=entry.request_id,
        reason=entry.reason,
        before=licence_view(entry.before, entry.at) if entry.before else None,
        after=licence_view(entry.after, entry.at),
        version=entry.version,
    )


def licence_view(licence: Licence, now: datetime) -> LicenceView:
    return LicenceView(
        id=licence.id,
        tenant_id=licence.tenant_id,
        product=licence.product,
        model=licence.model,
        seats=licence.seats,
        seats_used=licence.seats_used,
        state=state(licence, now_of(licence, now)),
        valid=licence.is_valid(now_of(licence, now)),
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
        entitlements=[
            EntitlementView(feature=each.feature, ends_on=each.ends_on)
            for each in licence.entitlements
        ],
        reseller_id=licence.reseller_id,
        order_number=licence.order_number,
        reseller_number=licence.reseller_number,
        created_at=licence.created_at,
    )
