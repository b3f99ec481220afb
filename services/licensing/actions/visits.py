"""Holding back who asks for too much without an account."""

from services.licensing.deps import Deps
from services.licensing.domain.visits import Visit, too_many


async def let_in(deps: Deps, source: str) -> None:
    """Count an activation; TooManyError where this source asked for too much lately."""
    now, allowed = deps.now(), deps.allowances
    guesses = await deps.visits.so_far(Visit.UNKNOWN_KEY, source, allowed.unknown_keys, now)
    if guesses >= allowed.unknown_keys.most:
        raise too_many(allowed.unknown_keys.window_of(now)[1], now)
    visits = await deps.visits.count(Visit.ACTIVATION, source, allowed.activations, now)
    if visits > allowed.activations.most:
        raise too_many(allowed.activations.window_of(now)[1], now)


async def count_unknown_key(deps: Deps, source: str) -> None:
    await deps.visits.count(Visit.UNKNOWN_KEY, source, deps.allowances.unknown_keys, deps.now())
