"""Measuring the use of licences that are billed by it, and telling it."""

from datetime import timedelta

import structlog

from services.licensing.deps import Deps
from services.licensing.domain.terms import midnight, today
from services.licensing.domain.usage import Measured, days_to_measure

log = structlog.get_logger()


async def measure_usage(deps: Deps) -> None:
    """Measure each day once it is over; a day that was missed is caught up, none counts twice.

    Replicas that do it at the same time come to the same figures, and the first one's stay.
    """
    last = await deps.usage.last_day()
    if last is None:  # up to the first licence there was nothing to measure
        first = today(await deps.usage.first_at() or deps.now())
        last = first - timedelta(days=1)
        await deps.usage.note_day(last)
    for day in days_to_measure(last, deps.now()):
        count = 0
        async for measured in deps.usage.measure(day, midnight(day + timedelta(days=1))):
            await deps.usage.add(measured)
            count += 1
        await deps.usage.note_day(day)
        log.info("usage_measured", day=day.isoformat(), licences=count)


async def usage_of_licence(
    deps: Deps, tenant_id: str, licence_id: str, month: str
) -> list[Measured]:
    return await deps.usage.of_licence(tenant_id, licence_id, month)
