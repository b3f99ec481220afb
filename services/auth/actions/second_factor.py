"""Activating a second factor, and giving it up."""

import secrets
from dataclasses import dataclass
from typing import Final

import pyotp

from services.auth.actions.compulsion import compulsion_in
from services.auth.actions.give_code import challenged
from services.auth.actions.guessing import Guessing, Visitor, take_code_try
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.clients.qr import qr_svg
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP, Account, Totp, addressee
from services.auth.domain.deadlines import deadline_of
from services.auth.domain.factor_resets import FactorElsewhereError
from services.auth.domain.signing_in import CodeRefusedError
from services.auth.domain.throttle import Guess, Place, Scope
from services.auth.domain.totp import (
    RECOVERY_CODES,
    SECRET_CHARACTERS,
    matching_step,
    otpauth_uri,
    readable,
    recovery_hash,
)
from shared.contracts.auth import TotpActivated, TotpRemoved
from shared.errors import ConflictError, NotFoundError
from shared.outbox import Transaction

_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"


class AlreadyActiveError(ConflictError):
    code = "totp_already_active"
    detail = "Two-factor authentication is active already; its secret is never shown again."


class NothingPendingError(ConflictError):
    code = "totp_not_started"
    detail = "Start the activation first."


class CompulsoryError(ConflictError):
    code = "totp_compulsory"
    detail = "Two-factor authentication is compulsory and can't be given up."


@dataclass(frozen=True)
class Offer:
    """What an authenticator app needs; shown only until it is confirmed."""

    secret: str
    otpauth_uri: str
    qr_svg: str


@dataclass(frozen=True)
class Activated:
    recovery_codes: list[str]
    signed_in: SignedIn | None


async def by_enrolment(deps: Deps, token: str) -> tuple[Account, bool]:
    """The account behind an enrolment challenge, and how its client wants the refresh token."""
    step = deps.signer.read_enrolment(token, deps.now())
    return await challenged(deps, step), step.wants_body


async def offer_totp(deps: Deps, account: Account) -> Offer:
    """A fresh secret, of effect only when a code of it is confirmed; a newer one replaces it."""
    if account.label == RSP:
        raise FactorElsewhereError(deps.policy.reseller_portal_url)
    if account.totp is not None:
        raise AlreadyActiveError
    secret = pyotp.random_base32(SECRET_CHARACTERS)
    locked = deps.vault.lock_totp(account.id, secret)
    if await deps.accounts.change(account, pending_totp=locked) is None:
        raise ConflictError
    uri = otpauth_uri(secret, account.username, account.org)
    return Offer(secret, uri, qr_svg(uri))


async def confirm_totp(
    deps: Deps,
    account: Account,
    code: str,
    *,
    session: str | None,
    visitor: Visitor,
    wants_body: bool,
) -> Activated:
    """Turn the offered secret into the second factor with its first code.

    Without a session the sign-in was waiting for this and ends in one.
    """
    if account.totp is not None:
        raise AlreadyActiveError
    totp = await _prove(deps, account, code)
    codes, hashes = fresh_codes(account)

    async def work(tx: Transaction) -> Account:
        changed = await deps.accounts.activate_totp(account, totp, hashes, tx)
        if changed is None:
            raise AlreadyActiveError
        notice = TotpActivated(
            **addressee(account),
            activated_at=totp.activated_at,
        )
        tx.publish(notice, sequence=changed.version)
        return changed

    changed, amr, signed_in = await deps.transact(work), ("pwd", "mfa", "otp"), None
    if session is None:
        signed_in = await start_session(deps, changed, visitor, amr=amr, wants_body=wants_body)
    else:
        await deps.sessions.prove(session, account.id, totp.activated_at, amr)
    return Activated(codes, signed_in)


def fresh_codes(account: Account) -> tuple[list[str], list[str]]:
    """Ten recovery codes as they are shown, once, and as they are kept."""
    codes = ["".join(secrets.choice(_BASE32) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    return [readable(one) for one in codes], [recovery_hash(account.id, one) for one in codes]


async def _prove(deps: Deps, account: Account, code: str) -> Totp:
    if account.pending_totp is None:
        raise NothingPendingError
    where = Place(Guess.CODE, Scope.SESSION, account.id, deps.policy.paces.account)
    if not await take_code_try(deps, Guessing(where)):
        raise CodeRefusedError
    now = deps.now()
    step = matching_step(deps.vault.unlock_totp(account.id, account.pending_totp), code, now)
    if step is None:
        raise CodeRefusedError
    await deps.attempts.forget(where)
    return Totp(account.pending_totp, step, now)


async def remove_totp(deps: Deps, account: Account) -> None:
    """Give the second factor up, while it is not compulsory."""
    now = deps.now()
    if account.totp is None:
        raise NotFoundError
    if now >= deadline_of(account, await compulsion_in(deps, account.org)):
        raise CompulsoryError

    async def work(tx: Transaction) -> None:
        changed = await deps.accounts.change(account, tx, totp=None, recovery_hashes=[])
        if changed is None:
            raise ConflictError
        notice = TotpRemoved(
            **addressee(account),
            removed_at=now,
        )
        tx.publish(notice, sequence=changed.version)

    await deps.transact(work)
