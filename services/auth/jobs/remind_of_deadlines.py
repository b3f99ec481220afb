"""Whoever needs a second factor soon is reminded of it."""

from services.auth.actions import reminders
from services.auth.deps import Deps


async def remind_of_deadlines(deps: Deps) -> None:
    await reminders.remind_of_deadlines(deps)
