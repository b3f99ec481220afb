"""Holding guesses back: which counters a try belongs to, and a password checked by them."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from services.auth.clients.devices import Device
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, username_key
from services.auth.domain.throttle import Guess, Place, Scope
from services.auth.store.attempts import Attempted


@dataclass(frozen=True)
class Visitor:
    """Who is asking, as far as the request tells."""

    agent: str
    source: str
    device_token: str | None
    """Proof that somebody signed in completely from this device before."""


@dataclass(frozen=True)
class Guessing:
    """The counter of whom is guessed at, and those around it: of the source, the organisation."""

    own: Place
    around: tuple[Place, ...] = ()


def guessing_at(
    deps: Deps, guess: Guess, org: str, username: str, account: Account | None, visitor: Visitor
) -> Guessing:
    """Where tries at this user name are counted, whether it exists or not.

    A device that the account's owner has signed in with has a counter of its own, so that
    strangers who are held back don't keep the owner out.
    """
    device = deps.devices.read(visitor.device_token, deps.now())
    if device is not None and account is not None and device.account_id == account.id:
        return guessing_with(deps, guess, device)
    return guessing_as_stranger(deps, guess, org, username, visitor)


def guessing_with(deps: Deps, guess: Guess, device: Device) -> Guessing:
    """Where tries at the account are counted that was signed in with this device."""
    return Guessing(Place(guess, Scope.DEVICE, device.id, deps.policy.paces.account))


def guessing_as_stranger(
    deps: Deps, guess: Guess, org: str, username: str, visitor: Visitor
) -> Guessing:
    paces = deps.policy.paces
    whom = f"{org}/{username_key(username)}"
    return Guessing(
        Place(guess, Scope.ACCOUNT, whom, paces.account),
        (
            Place(guess, Scope.SOURCE, visitor.source, paces.source),
            Place(guess, Scope.ORG, org, paces.org),
        ),
    )


def guessing_in_session(deps: Deps, guess: Guess, session_id: str) -> Guessing:
    """Where tries of somebody who is signed in are counted; no stranger can add to them."""
    return Guessing(Place(guess, Scope.SESSION, session_id, deps.policy.paces.account))


async def is_right_password(
    deps: Deps, where: Guessing, password_hash: str | None, password: str
) -> bool:
    """Whether this is the password and the try counts; every refusal costs the same work.

    Tries at one counter take turns: of many guesses at the same instant, those whose turn comes
    after it has closed are refused, also the right one.
    """
    places = (where.own, *where.around)
    async with turn_at(deps, where):
        seen = await deps.attempts.read(places)
        may = seen.are_open(places, deps.now())
        is_right = await deps.hasher.verify(password_hash if may else None, password)
        return await settle_guess(deps, where, seen, is_right=is_right, may=may)


def turn_at(deps: Deps, where: Guessing) -> AbstractAsyncContextManager[None]:
    """The turn that tries at this counter take, one after the other."""
    own = where.own
    return deps.turns.of(f"{own.guess}:{own.scope}:{own.whom}")


async def settle_guess(
    deps: Deps, where: Guessing, seen: Attempted, *, is_right: bool, may: bool
) -> bool:
    """Whether a guess was right and counts (`may`); its failure is counted, its success forgets
    those that were seen before.
    """
    places = (where.own, *where.around)
    if is_right and may:
        if seen.knows(where.own):
            await deps.attempts.forget(where.own)
        return True
    if may:
        await deps.attempts.failed(places, deps.now())
    else:
        await deps.attempts.held_back(places, deps.now())
    return False


async def take_code_try(deps: Deps, where: Guessing) -> bool:
    """Use up a try at a code before it is looked at: looking is so quick that thousands at the
    same instant would all be done before the first of them was counted.
    """
    may = await deps.attempts.are_open(where.around, deps.now())
    return await deps.attempts.take(where.own, deps.now(), may=may)
