"""How much of a licence that is billed by use was used."""

from datetime import date

from pydantic import Field

from services.licensing.actions.usage import usage_of_licence
from services.licensing.deps import Deps
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class UsageQuery(Model):
    month: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])


class DayView(Model):
    day: date
    seats_used: int = Field(description="Devices that had a seat at the end of this day in Berlin.")


class UsageView(Model):
    items: list[DayView]


async def of_licence(call: Call[Deps, Nothing, UsageQuery]) -> Reply[UsageView]:
    """Read what was measured of a licence that is billed by use, day by day of a month."""
    days = await usage_of_licence(call.deps, call.path["tid"], call.path["lid"], call.query.month)
    items = [DayView(day=each.day, seats_used=each.seats_used) for each in days]
    return Reply(UsageView(items=items))
