"""What `portal sync` tells: how far both sides have the same, straight from tenancy's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from portal.tables import table
from portal.where import Where
from services.tenancy.domain.drift import Company, Drift, company
from services.tenancy.domain.sync import Outcome, SyncMessage
from services.tenancy.store.drifts import Drifts
from services.tenancy.store.sync_messages import SyncMessages
from shared.mongo.database import Mongo, open_mongo

_PAGE: Final = 200
_SHORT: Final = 16
"""How much of a checksum a list shows."""
_TIME: Final = "%Y-%m-%d %H:%M:%S"


async def checksums(where: Where, reseller_id: str | None) -> tuple[list[str], bool]:
    """Both sides' checksum of each company as lines, and whether all are alike."""
    async with _database(where) as mongo:
        found = [one async for one in _companies(Drifts(mongo), reseller_id)]
    length = None if reseller_id else _SHORT
    rows = [("company", "compared at (UTC)", "here", "there", "")]
    rows += [_company_row(one, length) for one in found]
    lines = table(rows) if found else ["Nothing has been compared yet."]
    return lines, all(one.is_alike for one in found)


async def _companies(drifts: Drifts, reseller_id: str | None) -> AsyncIterator[Company]:
    after = None
    while groups := await drifts.by_reseller(reseller_id, after=after, limit=_PAGE):
        for group in groups:
            yield company(group)
        after = groups[-1][0].reseller_id


def _company_row(one: Company, length: int | None) -> tuple[str, str, str, str, str]:
    here, there = ((checksum or "-")[:length] for checksum in (one.checksum, one.checksum_there))
    if one.checksum is None:
        said = "not all kinds compared"
    else:
        said = "alike" if one.is_alike else "differs"
    if one.different:
        said += f": {one.different} records"
    return one.reseller_id, f"{one.compared_at:{_TIME}}", here, there, said


async def drift(where: Where, reseller_id: str | None) -> tuple[list[str], bool]:
    """The records that differ as lines, and whether there are none."""
    async with _database(where) as mongo:
        found = [
            (each, one)
            async for each in _drifts(Drifts(mongo), reseller_id)
            for one in each.differences
        ]
    rows = [("company", "kind", "id", "how", "since (UTC)")]
    rows += [
        (each.reseller_id, one.kind, one.id, one.how.replace("_", " "), f"{one.since:{_TIME}}")
        for each, one in found
    ]
    return table(rows) if found else ["No record differs."], not found


async def _drifts(drifts: Drifts, reseller_id: str | None) -> AsyncIterator[Drift]:
    after = None
    while page := await drifts.page(reseller_id, differing=True, after=after, limit=_PAGE):
        for one in page:
            yield one
        after = page[-1].id


async def messages(
    where: Where, outcome: Outcome | None, reseller_id: str | None, limit: int
) -> list[str]:
    """The newest messages of the Reseller Portal, with what became of each."""
    async with _database(where) as mongo:
        found = await SyncMessages(mongo).page(outcome, reseller_id, None, limit)
    rows = [("at (UTC)", "company", "type", "record", "outcome", "reason")]
    return table([*rows, *map(_message_row, found)]) if found else ["There is no such message."]


def _message_row(one: SyncMessage) -> tuple[str, ...]:
    kind = one.message_type.removeprefix("reseller-portal.").removesuffix(".v1")
    why = f"{one.reason}: {one.detail}" if one.reason else ""
    at, company_id = f"{one.created_at:{_TIME}}", one.reseller_id or "-"
    return at, company_id, kind, one.record, one.outcome.value, why


@asynccontextmanager
async def _database(where: Where) -> AsyncIterator[Mongo]:
    async with open_mongo(where.mongo_url or "", f"{where.database_prefix}tenancy") as mongo:
        yield mongo
