"""Signing in, first step: user name, password and tenant id."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from services.auth.actions.compulsion import write_deadline
from services.auth.actions.guessing import Visitor, guessing_at, is_right_password
from services.auth.actions.refusals import count_refusal
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.factors import Factor, factors_of
from services.auth.domain.signing_in import LoginRefusedError, Next, next_step
from services.auth.domain.throttle import Guess
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
    account = await _account_with_this_password(deps, given)
    now, deadline = deps.now(), await write_deadline(deps, account)
    match next_step(account, now, deadline):
        case Next.DONE:
            return await start_session(
                deps, account, given.visitor, amr=("pwd",), wants_body=given.wants_body
            )
        case Next.TOTP:
            challenge = deps.signer.challenge(account, now, wants_body=given.wants_body)
            return CodeWanted(challenge, factors_of(account))
        case Next.ENROL_TOTP:
            challenge = deps.signer.enrolment(account, now, wants_body=given.wants_body)
            return ActivationWanted(challenge, deadline or now)
        case Next.RESELLER_PORTAL:
            return GoElsewhere(deps.policy.reseller_portal_url)


async def _account_with_this_password(deps: Deps, given: Credentials) -> Account:
    """The account; every refusal does the same work, whatever it is refused for."""
    begun = monotonic()
    found = await deps.accounts.find(given.org, given.username)
    is_open = await deps.organisations.is_open(given.org)
    account = found if found and found.may_sign_in and is_open else None
    password_hash = account.password_hash if account else None
    where = guessing_at(deps, Guess.PASSWORD, given.org, given.username, found, given.visitor)
    is_right = await is_right_password(deps, where, password_hash, given.password)
    if account is None or not is_right:
        await count_refusal(deps, given.org, found, "password", where)
        await _take_as_long_as_any(deps, begun)
        raise LoginRefusedError
    if password_hash and deps.hasher.is_outdated(password_hash):
        await deps.accounts.rehash(account, await deps.hasher.hash(given.password))
    return account


async def _take_as_long_as_any(deps: Deps, begun: float) -> None:
    """Let no refusal tell by its time whose hash takes another time to check than Argon2id with the
    present parameters, while there are such hashes.
    """
    if await deps.accounts.has_hash_unlike(deps.hasher.prefix):
        passed = monotonic() - begun
        await asyncio.sleep(max(0.0, deps.policy.slowest_hash.total_seconds() - passed))
