"""A sandbox's clock."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from services.licensing.actions.sandbox import move_clock, read_clock
from services.licensing.deps import Deps
from services.licensing.domain.sandbox import FURTHEST, SandboxClock
from shared.formats import AsDuration
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class ForwardBody(Model):
    forward: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=FURTHEST), AsDuration] = Field(
        description="How far to move ahead, as an ISO 8601 duration.", examples=["P30D"]
    )


class ClockView(Model):
    now: datetime = Field(description="What time it is in the sandbox.")
    ahead: timedelta = Field(description="How far it is ahead of everybody else.")


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[ClockView]:
    """Read a sandbox's clock."""
    return _answer(await read_clock(call.deps, call.path["tid"]), call.deps.now())


async def move(call: Call[Deps, ForwardBody, Nothing]) -> Reply[ClockView]:
    """Move a sandbox's clock ahead; it never goes back.

    The licences of this tenant pass through whatever lies on the way: reminders, expiry, grace.
    409 `not_a_sandbox` for any other tenant.
    """
    clock = await move_clock(call.deps, call.path["tid"], call.body.forward)
    return _answer(clock, call.deps.now())


def _answer(clock: SandboxClock, now: datetime) -> Reply[ClockView]:
    return Reply(ClockView(now=now + clock.ahead, ahead=clock.ahead))
