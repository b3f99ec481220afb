"""What became of the Reseller Portal's messages and comparisons."""

from datetime import datetime
from typing import Final, Literal

from services.tenancy.actions import sync_log
from services.tenancy.deps import Deps
from services.tenancy.domain.drift import Company, Drift
from services.tenancy.domain.sync import Outcome, SyncMessage
from shared.ids import TypedOrg
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply

_BY_RESELLER: Final = "reseller"


class SyncMessagesQuery(PageQuery):
    outcome: Outcome | None = None
    reseller_id: TypedOrg | None = None


class SyncMessageView(Model):
    """What a message was about is as the message says; a rejected one waits in `sync.rejected`."""

    id: str
    message_id: str
    message_type: str
    record: str
    reseller_id: str | None
    outcome: Outcome
    reason: str | None
    detail: str | None
    at: datetime


class SyncMessagesView(Model):
    items: list[SyncMessageView]
    next_cursor: str | None


async def list_newest(call: Call[Deps, Nothing, SyncMessagesQuery]) -> Reply[SyncMessagesView]:
    """List the Reseller Portal's messages of the last 90 days, newest first, with what became of
    each.
    """
    query = call.query
    position = newest_position(query.cursor)
    found = await sync_log.list_messages(
        call.deps, query.outcome, query.reseller_id, position, query.limit
    )
    page = cut(found, query.limit, lambda last: newest_cursor(last.created_at, last.id))
    views = [_view(message) for message in page.items]
    return Reply(SyncMessagesView(items=views, next_cursor=page.next_cursor))


def _view(message: SyncMessage) -> SyncMessageView:
    return SyncMessageView(
        id=message.id,
        message_id=message.message_id,
        message_type=message.message_type,
        record=message.record,
        reseller_id=message.reseller_id,
        outcome=message.outcome,
        reason=message.reason,
        detail=message.detail,
        at=message.created_at,
    )


class DriftsQuery(PageQuery):
    reseller_id: TypedOrg | None = None
    differing: bool = False


class DifferenceView(Model):
    kind: str
    id: str
    how: Literal["differs", "missing_here", "missing_there"]
    since: datetime
    """When a comparison found it first, of those that found it one after the other."""


class DriftView(Model):
    """The last comparison of one service's records of a reseller. Whatever differed was sent
    again; `differences` are the first 1,000 of `different`.
    """

    reseller_id: str
    service: str
    compared_at: datetime
    checksums: dict[str, str]
    checksums_there: dict[str, str]
    differences: list[DifferenceView]
    different: int


class DriftsView(Model):
    items: list[DriftView]
    next_cursor: str | None


async def list_drifts(call: Call[Deps, Nothing, DriftsQuery]) -> Reply[DriftsView]:
    """List what the last comparison with the Reseller Portal found, per reseller and service, with
    the checksums of both sides and the records that differ.
    """
    query = call.query
    position = read_cursor(query.cursor, _BY_RESELLER, 1)
    found = await sync_log.list_drifts(
        call.deps,
        query.reseller_id,
        differing=query.differing,
        after=position[0] if position else None,
        limit=query.limit,
    )
    page = cut(found, query.limit, lambda last: write_cursor(_BY_RESELLER, last.id))
    views = [_drift_view(drift) for drift in page.items]
    return Reply(DriftsView(items=views, next_cursor=page.next_cursor))


def _drift_view(drift: Drift) -> DriftView:
    return DriftView(
        reseller_id=drift.reseller_id,
        service=drift.service,
        compared_at=drift.compared_at,
        checksums=dict(drift.checksums),
        checksums_there=dict(drift.checksums_there),
        differences=[DifferenceView(**vars(one)) for one in drift.differences],
        different=drift.different,
    )


class CompaniesQuery(PageQuery):
    reseller_id: TypedOrg | None = None


class CompanyView(Model):
    """What all records of a reseller come to on either side, as the last comparison found; null
    until all kinds were compared.
    """

    reseller_id: str
    compared_at: datetime
    is_alike: bool
    checksum: str | None
    checksum_there: str | None
    different: int


class CompaniesView(Model):
    items: list[CompanyView]
    next_cursor: str | None


async def list_companies(call: Call[Deps, Nothing, CompaniesQuery]) -> Reply[CompaniesView]:
    """List, per reseller, one checksum of all that either side of the synchronisation has of it."""
    query = call.query
    position = read_cursor(query.cursor, _BY_RESELLER, 1)
    found = await sync_log.list_companies(
        call.deps, query.reseller_id, after=position[0] if position else None, limit=query.limit
    )
    page = cut(found, query.limit, lambda last: write_cursor(_BY_RESELLER, last.reseller_id))
    views = [_company_view(one) for one in page.items]
    return Reply(CompaniesView(items=views, next_cursor=page.next_cursor))


def _company_view(one: Company) -> CompanyView:
    return CompanyView(
        reseller_id=one.reseller_id,
        compared_at=one.compared_at,
        is_alike=one.is_alike,
        checksum=one.checksum,
        checksum_there=one.checksum_there,
        different=one.different,
    )
