"""Refused sign-ins are told when their minute, or hour, is over."""

from services.auth.actions import refusals
from services.auth.deps import Deps


async def tell_refusals(deps: Deps) -> None:
    await refusals.tell_refusals(deps)
