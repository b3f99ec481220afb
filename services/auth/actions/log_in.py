"""Signing in, first step: user name, password and tenant id."""

from dataclasses import dataclass
from datetime import datetime

from services.auth.actions.start_session import SignedIn, start_session
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, username_key
from services.auth.domain.signing_in import LoginRefusedError, Next, next_step
from services.auth.domain.throttle import Guess


@dataclass(frozen=True)
class Credentials:
    username: str
    password: str
    org: str
    wants_body: bool
    device: str


@dataclass(frozen=True)
class CodeWanted:
    challenge: str


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
    now, required_from = deps.now(), deps.policy.totp_required_from
    match next_step(account, now, required_from):
        case Next.DONE:
            return await start_session(
                deps, account, amr=("pwd",), device=given.device, wants_body=given.wants_body
            )
        case Next.TOTP:
            challenge = deps.signer.challenge(account, now, wants_body=given.wants_body)
            return CodeWanted(challenge)
        case Next.ENROL_TOTP:
            challenge = deps.signer.enrolment(account, now, wants_body=given.wants_body)
            return ActivationWanted(challenge, required_from)
        case Next.RESELLER_PORTAL:
            return GoElsewhere(deps.policy.reseller_portal_url)


async def _account_with_this_password(deps: Deps, given: Credentials) -> Account:
    """The account; every refusal does the same work, whatever it is refused for."""
    whom = f"{given.org}/{username_key(given.username)}"
    found = await deps.accounts.find(given.org, given.username)
    is_blocked = await deps.attempts.is_blocked(Guess.PASSWORD, whom, deps.now())
    account = found if found and found.may_sign_in and not is_blocked else None
    password_hash = account.password_hash if account else None
    is_right = await deps.hasher.verify(password_hash, given.password)
    if account is None or not is_right:
        await deps.attempts.failed(Guess.PASSWORD, whom, deps.now())
        raise LoginRefusedError
    await deps.attempts.succeeded(Guess.PASSWORD, whom)
    if password_hash and deps.hasher.is_outdated(password_hash):
        await deps.accounts.rehash(account, await deps.hasher.hash(given.password))
    return account
