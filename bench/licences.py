"""Licences: what the clock costs beside few and many of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bench.figures import Goal, Spread, heading, line, no_more, progress
from bench.stage import Stage
from services.licensing.actions.pass_time import pass_time
from services.licensing.app import build
from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence
from services.licensing.domain.moments import next_moment
from services.licensing.settings import LicensingSettings
from services.licensing.store.licence_rows import licence_row
from shared.bus import Hub
from shared.clock import monotonic
from shared.contracts.events import Service
from shared.ids import new_id
from shared.mongo.database import Mongo
from shared.service import foundation, in_process

BATCH: Final = 10_000
NOW: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Size:
    rounds: int
    few: int
    many: int
    due: int
    """How many of them a round is about."""


FULL: Final = Size(rounds=5, few=10_000, many=1_000_000, due=1_000)
SMOKE: Final = Size(rounds=1, few=10, many=100, due=5)


async def run(stage: Stage, size: Size) -> list[Goal]:
    heading(
        "licences: a sweep of the clock with a reminder each due for "
        f"{size.due:,} licences, beside {size.few:,} and {size.many:,} others",
        "the job of licensing in this process, mongod beside it; rounds one after the other",
    )
    few, many = list[float](), list[float]()
    due = size.due
    async with (
        _licensing(stage, size.few, due) as small,
        _licensing(stage, size.many, due) as large,
    ):
        for number in range(size.rounds):
            few.append(await _sweep(*small, due))
            many.append(await _sweep(*large, due))
            progress(
                f"round {number + 1} of {size.rounds}: {few[-1]:.2f} s beside {size.few:,}, "
                f"{many[-1]:.2f} s beside {size.many:,}"
            )
    ratio = Spread.of_ratios(many, few)
    line(f"sweep beside {size.few:,}", Spread.of([due / one for one in few]), "licences/s")
    line(f"sweep beside {size.many:,}", Spread.of([due / one for one in many]), "licences/s")
    line("sweep, many / few", ratio, "")
    return [no_more("sweep of the clock, many / few licences", ratio.middle, 1.3)]


@asynccontextmanager
async def _licensing(stage: Stage, count: int, due: int) -> AsyncIterator[tuple[Deps, Mongo]]:
    """Licensing with so many licences that nothing is due for, and those that a round is about."""
    settings = LicensingSettings(
        mongo_url=stage.mongo_url,
        amqp_url=stage.amqp_url,
        database_prefix=f"b_{new_id()[:12]}_",
        _secrets_dir=stage.keys / "licensing",
    )
    connect = in_process(Hub())
    async with foundation(Service.LICENSING, settings, connect, lambda: NOW) as base:
        try:
            deps = await build(base, settings)
            await base.outbox.prepare()
            begun, rows = monotonic(), base.mongo.collection("licences")
            for start in range(0, count, BATCH):
                numbers = range(start, min(start + BATCH, count))
                await rows.insert(*(_row(f"l-{each}", each, 200 + each % 150) for each in numbers))
            await rows.insert(*(_row(f"due-{each}", count + each, 7) for each in range(due)))
            progress(f"{count:,} licences made in {monotonic() - begun:.0f} s")
            yield deps, base.mongo
        finally:
            await base.mongo.drop()


def _row(licence_id: str, number: int, days_left: int) -> dict[str, Any]:
    """A licence as it is stored, noticed a day ago."""
    ends_on = NOW.date() + days_left * _DAY
    licence = Licence(
        id=licence_id,
        key=f"MS-{number}",
        product="mobile-security",
        seats=10,
        starts_on=ends_on - 364 * _DAY,
        ends_on=ends_on,
        tenant_id=f"{100_000 + number % 500_000}.sms",
        reseller_id=f"{100_000 + number % 1000}.rsp",
        created_at=NOW - 400 * _DAY,
        noticed_at=NOW - _DAY,
    )
    return {
        "_id": licence.id,
        **licence_row(licence),
        "next_due_at": next_moment(licence),
        "seats_used": 0,
    }


async def _sweep(deps: Deps, mongo: Mongo, count: int) -> float:
    """Seconds that the job takes; everything is as before for the next round."""
    rows, outbox = mongo.collection("licences"), mongo.collection("outbox")
    due = {"$set": {"next_due_at": NOW, "noticed_at": NOW - _DAY}}
    ids = [f"due-{number}" for number in range(count)]
    changed = await rows.update_many({"_id": {"$in": ids}}, due)
    begun = monotonic()
    await pass_time(deps)
    taken = monotonic() - begun
    told = await outbox.delete_many({})
    if changed != count or told != count:
        raise RuntimeError(f"{told} of {count} licences were announced")
    return taken
