"""Pages of a reseller's customers, by how many the reseller has; prints milliseconds as JSON."""

import asyncio
import json
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Final

from services.tenancy.domain.customers import Coverage, CustomerFilter, CustomerOrder
from services.tenancy.domain.licences import HeldLicence, LicenceState
from services.tenancy.domain.tenants import Tenant
from services.tenancy.store.tenants import Tenants, row_of
from shared.clock import monotonic
from shared.contracts.licensing import LicenceTimeline
from shared.ids import new_id
from shared.mongo.database import open_mongo

RESELLER: Final = "100001.rsp"
_AT_ONCE: Final = 5000
_WARM_SHARE: Final = 0.2
"""So many rounds more, as a share, go before and are not timed: what was just written, or pushed
out of memory by that, is read again first."""
PAGE: Final = 51
NOON: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
QUESTIONS: Final = {
    "by id": CustomerFilter(),
    "by name": CustomerFilter(order=CustomerOrder.NAME),
    "by days left": CustomerFilter(order=CustomerOrder.DAYS_LEFT),
    "expiring, by name": CustomerFilter(
        order=CustomerOrder.NAME, licence_state=LicenceState.EXPIRING
    ),
    "without factors, by created": CustomerFilter(
        order=CustomerOrder.CREATED, coverage=Coverage.NONE
    ),
    "few days left": CustomerFilter(
        order=CustomerOrder.DAYS_LEFT, ends_from=date(2026, 3, 10), ends_by=date(2026, 3, 17)
    ),
    "search, rare": CustomerFilter(search="1000004"),  # ten ids begin so, at every size
}


def a_tenant(number: int) -> Tenant:
    ends = number * 7919 % 700 - 200
    held = HeldLicence(
        licence_id=f"l-{number}",
        product="mdm",
        seats=5,
        ends_on=date(2026, 3, 10) + ends * _DAY,
        timeline=LicenceTimeline(
            starts_at=NOON - 900 * _DAY,
            expiring_at=NOON + (ends - 30) * _DAY,
            grace_at=NOON + ends * _DAY,
            expired_at=NOON + (ends + 30) * _DAY,
        ),
        sequence=1,
    )
    return Tenant(
        id=f"{10_000_000 + number}.sms",
        name=f"Customer {number * 7919 % 1_000_003:07}",
        reseller_id=RESELLER,
        locale="de",
        created_at=NOON - timedelta(minutes=number),
        licences=(held,),
        users=number % 5,
        users_with_factor=number % 3 % (number % 5 + 1),
    )


async def measure(url: str, rounds: int, sizes: list[int]) -> dict[str, dict[int, list[float]]]:
    """How many milliseconds a page took, each time."""
    found: dict[str, dict[int, list[float]]] = {name: {} for name in QUESTIONS}
    async with open_mongo(url, f"b_{new_id()[:12]}") as mongo:
        try:
            rows = mongo.collection("tenants")
            tenants = Tenants(rows)
            await tenants.prepare()
            there = 0
            for size in sizes:
                for begin in range(there, size, _AT_ONCE):
                    numbers = range(begin, min(begin + _AT_ONCE, size))
                    await rows.insert(*(row_of(a_tenant(one), NOON) for one in numbers))
                there = size
                for name, times in (await _times(tenants, rounds)).items():
                    found[name][size] = times
        finally:
            await mongo.drop()
    return found


async def _times(tenants: Tenants, rounds: int) -> dict[str, list[float]]:
    """All questions in turn, so that a slow moment is nobody's alone."""
    taken: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    warm = int(rounds * _WARM_SHARE)
    for number in range(warm + rounds):
        for name, question in QUESTIONS.items():
            begun = monotonic()
            await tenants.customers_of(RESELLER, question, PAGE)
            if number >= warm:
                taken[name].append((monotonic() - begun) * 1000)
    return taken


if __name__ == "__main__":
    url, rounds, *asked = sys.argv[1:]
    print(json.dumps(asyncio.run(measure(url, int(rounds), [int(one) for one in asked]))))
