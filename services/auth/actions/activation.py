"""Getting a second factor of any kind: who may, and what it ends with."""

import secrets
from dataclasses import dataclass
from typing import Final

from services.auth.actions.give_code import challenged
from services.auth.actions.guessing import Visitor
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, Account
from services.auth.domain.factor_resets import FactorElsewhereError
from services.auth.domain.sessions import amr_after
from services.auth.domain.totp import RECOVERY_CODES, readable, recovery_hash
from shared.step_up import must_be_fresh

_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True)
class Activating:
    """Whose second factor this is about, and how they came to it."""

    account: Account
    session: str | None
    """None where a sign-in waits for a second factor and ends in a session."""
    bound_to: str
    """The session or the enrolment that must be the same from start to end."""
    factor_at: int | None
    """When a second factor was last shown in this session (POSIX seconds)."""
    visitor: Visitor
    wants_body: bool


async def by_enrolment(deps: Deps, token: str) -> tuple[Account, bool]:
    """The account behind an enrolment challenge, and how its client wants the refresh token."""
    step = deps.signer.read_enrolment(token, deps.now())
    return await challenged(deps, step), step.wants_body


def check_may_add(deps: Deps, by: Activating) -> None:
    """Raise the reason why the account can't get another factor just now.

    Who has one shows it first: no half-open or forgotten session adds a second factor of its own.
    """
    if by.account.label == RSP:
        raise FactorElsewhereError(deps.policy.reseller_portal_url)
    if by.account.has_second_factor:
        must_be_fresh(by.factor_at, deps.now())


def fresh_codes(account: Account) -> tuple[list[str], list[str]]:
    """Ten recovery codes as they are shown, once, and as they are kept."""
    codes = ["".join(secrets.choice(_BASE32) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    return [readable(one) for one in codes], [recovery_hash(account.id, one) for one in codes]


async def end_activation(
    deps: Deps, by: Activating, account: Account, shown: tuple[str, ...]
) -> SignedIn | None:
    """The session that waited for a factor begins; one that goes on has shown it just now."""
    if by.session is None:
        amr = ("pwd", *shown)
        return await start_session(deps, account, by.visitor, amr=amr, wants_body=by.wants_body)
    session = await deps.sessions.get(by.session)
    if session is not None:
        amr = amr_after(session.amr, shown)
        await deps.sessions.prove(session.id, account.id, deps.now(), amr)
    return None
