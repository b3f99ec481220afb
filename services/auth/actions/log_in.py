"""Signing in, first step: user name, password and tenant id."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from services.auth.actions.compulsion import write_deadline
from services.auth.actions.guessing import (
    Guessing,
    Visitor,
    guessing_as_stranger,
    guessing_with,
    settle_guess,
    turn_at,
)
from services.auth.actions.refusals import count_refusal
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.factors import Factor, factors_of
from services.auth.domain.signing_in import LoginRefusedError, Next, next_step
from services.auth.domain.throttle import Guess
from services.auth.store.looks import Arrival
from shared.clock import monotonic


@dataclass(frozen=True)
class Credentials:
    username: str
    password: str
    org: str
    wants_body: bool
    visitor: Visitor


@dataclass(frozen=True)
class CodeWanted:
    challenge: str
    factors: tuple[Factor, ...]


@dataclass(frozen=True)
class ActivationWanted:
    challenge: str
    deadline: datetime


@dataclass(frozen=True)
class GoElsewhere:
    url: str


async def log_in(
    deps: Deps, given: Credentials
) -> SignedIn | CodeWanted | ActivationWanted | GoElsewhere:
    account, arrival = await _account_with_this_password(deps, given)
    now, deadline = deps.now(), await write_deadline(deps, account, arrival.line)
    match next_step(account, now, deadline):
        case Next.DONE:
            return await start_session(
                deps,
                account,
                given.visitor,
                amr=("pwd",),
                wants_body=given.wants_body,
                arrival=arrival,
            )
        case Next.TOTP:
            challenge = deps.signer.challenge(account, now, wants_body=given.wants_body)
            return CodeWanted(challenge, factors_of(account))
        case Next.ENROL_TOTP:
            challenge = deps.signer.enrolment(account, now, wants_body=given.wants_body)
            return ActivationWanted(challenge, deadline or now)
        case Next.RESELLER_PORTAL:
            return GoElsewhere(deps.policy.reseller_portal_url)


async def _account_with_this_password(deps: Deps, given: Credentials) -> tuple[Account, Arrival]:
    """The account; every refusal does the same work, whatever it is refused for."""
    begun = monotonic()
    tried = await _tried(deps, given)
    account = tried.found
    if account is None or not tried.is_right:
        await count_refusal(deps, given.org, account, "password", tried.where)
        await _take_as_long_as_any(deps, begun)
        raise LoginRefusedError
    password_hash = account.password_hash
    if password_hash and deps.hasher.is_outdated(password_hash):
        await deps.accounts.rehash(account, await deps.hasher.hash(given.password))
    return account, tried.arrival


@dataclass(frozen=True)
class _Tried:
    found: Account | None
    is_right: bool
    where: Guessing
    arrival: Arrival


async def _tried(deps: Deps, given: Credentials) -> _Tried:
    """Try as the device's owner where there is a device; if the account is not theirs, as anybody.

    Which counter it is must be known before its turn comes, and so before the account is.
    """
    device = deps.devices.read(given.visitor.device_token, deps.now())
    if device is not None:
        where = guessing_with(deps, Guess.PASSWORD, device)
        tried = await _try_at(deps, given, where, owner=device.account_id)
        if tried is not None:
            return tried
    where = guessing_as_stranger(deps, Guess.PASSWORD, given.org, given.username, given.visitor)
    tried = await _try_at(deps, given, where)
    assert tried is not None, "anybody may be tried as a stranger"
    return tried


async def _try_at(
    deps: Deps, given: Credentials, where: Guessing, *, owner: str | None = None
) -> _Tried | None:
    """One try in its turn; None where the account is another one than this owner's."""
    org, places = given.org, (where.own, *where.around)
    async with turn_at(deps, where):
        named = await deps.looks.at_name(org, given.username, places)
        found = named.account
        if owner is not None and (found is None or found.id != owner):
            return None
        is_known = found is not None and found.may_sign_in and named.organisation.is_open
        may = named.attempted.are_open(places, deps.now())
        password_hash = found.password_hash if found and is_known and may else None
        is_right = await deps.hasher.verify(password_hash, given.password)
        counts = await settle_guess(deps, where, named.attempted, is_right=is_right, may=may)
    return _Tried(found, counts, where, named.arrival)


async def _take_as_long_as_any(deps: Deps, begun: float) -> None:
    """Let no refusal tell by its time whose hash takes another time to check than Argon2id with the
    present parameters, while there are such hashes.
    """
    if await deps.accounts.has_hash_unlike(deps.hasher.prefix):
        passed = monotonic() - begun
        await asyncio.sleep(max(0.0, deps.policy.slowest_hash.total_seconds() - passed))
