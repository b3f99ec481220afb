"""Activating a second factor, and giving it up."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pyotp

from services.auth.actions.give_code import challenged
from services.auth.actions.start_session import SignedIn, start_session
from services.auth.clients.qr import qr_svg
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Totp, addressee
from services.auth.domain.sessions import Session
from services.auth.domain.signing_in import CodeRefusedError
from services.auth.domain.throttle import Guess
from services.auth.domain.totp import (
    RECOVERY_CODES,
    SECRET_CHARACTERS,
    matching_step,
    otpauth_uri,
    readable,
    recovery_hash,
)
from shared.contracts.auth import TotpActivated, TotpRemoved
from shared.errors import ConflictError, NotFoundError, UnauthenticatedError
from shared.outbox import Transaction

_FRESH: Final = timedelta(minutes=10)
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


class StaleSignInError(UnauthenticatedError):
    """RFC 9470: this needs a factor that was shown a short while ago."""

    code = "insufficient_user_authentication"
    detail = "Sign in again, then repeat this within ten minutes."


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
    if account.totp is not None:
        raise AlreadyActiveError
    secret = pyotp.random_base32(SECRET_CHARACTERS)
    locked = deps.vault.lock_totp(account.id, secret)
    if await deps.accounts.change(account, pending_totp=locked) is None:
        raise ConflictError
    uri = otpauth_uri(secret, account.username, account.org)
    return Offer(secret, uri, qr_svg(uri))


async def confirm_totp(
    deps: Deps, account: Account, code: str, *, sign_in: bool, device: str, wants_body: bool = False
) -> Activated:
    """Turn the offered secret into the second factor with its first code; ends in a session where
    the sign-in was waiting for this.
    """
    if account.totp is not None:
        raise AlreadyActiveError
    totp = await _prove(deps, account, code)
    codes = ["".join(secrets.choice(_BASE32) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    hashes = [recovery_hash(account.id, one) for one in codes]

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

    changed = await deps.transact(work)
    signed_in = None
    if sign_in:
        signed_in = await start_session(
            deps, changed, amr=("pwd", "mfa", "otp"), device=device, wants_body=wants_body
        )
    return Activated([readable(one) for one in codes], signed_in)


async def _prove(deps: Deps, account: Account, code: str) -> Totp:
    if account.pending_totp is None:
        raise NothingPendingError
    if await deps.attempts.is_blocked(Guess.CODE, account.id, deps.now()):
        raise CodeRefusedError
    now = deps.now()
    step = matching_step(deps.vault.unlock_totp(account.id, account.pending_totp), code, now)
    if step is None:
        await deps.attempts.failed(Guess.CODE, account.id, now)
        raise CodeRefusedError
    return Totp(account.pending_totp, step, now)


async def remove_totp(deps: Deps, account: Account, session: Session) -> None:
    """Give the second factor up, while it is not compulsory and the sign-in is fresh."""
    now = deps.now()
    if account.totp is None:
        raise NotFoundError
    if now >= deps.policy.totp_required_from:
        raise CompulsoryError
    if session.started_at < now - _FRESH:
        raise StaleSignInError

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
