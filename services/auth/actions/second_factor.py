"""Activating a second factor, and giving it up."""

from dataclasses import dataclass

import pyotp

from services.auth.actions.activation import Activating, check_may_add, end_activation, fresh_codes
from services.auth.actions.compulsion import compulsion_in
from services.auth.actions.guessing import Guessing, take_code_try
from services.auth.actions.start_session import SignedIn
from services.auth.clients.qr import qr_svg
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Totp, addressee
from services.auth.domain.deadlines import deadline_of
from services.auth.domain.factors import check_totp_may_go
from services.auth.domain.signing_in import CodeRefusedError
from services.auth.domain.throttle import Guess, Place, Scope
from services.auth.domain.totp import (
    SECRET_CHARACTERS,
    matching_step,
    otpauth_uri,
)
from shared.contracts.auth import TotpActivated, TotpRemoved
from shared.errors import ConflictError, NotFoundError
from shared.outbox import Transaction


class AlreadyActiveError(ConflictError):
    code = "totp_already_active"
    detail = "Two-factor authentication is active already; its secret is never shown again."


class NothingPendingError(ConflictError):
    code = "totp_not_started"
    detail = "Start the activation first."


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


async def offer_totp(deps: Deps, by: Activating) -> Offer:
    """A fresh secret, of effect only when a code of it is confirmed; a newer one replaces it."""
    account = by.account
    _check(deps, by)
    secret = pyotp.random_base32(SECRET_CHARACTERS)
    locked = deps.vault.lock_totp(account.id, secret)
    if await deps.accounts.change(account, pending_totp=locked) is None:
        raise ConflictError
    uri = otpauth_uri(secret, account.username, account.org)
    return Offer(secret, uri, qr_svg(uri))


def _check(deps: Deps, by: Activating) -> None:
    if by.account.totp is not None:
        raise AlreadyActiveError
    check_may_add(deps, by)


async def confirm_totp(deps: Deps, by: Activating, code: str) -> Activated:
    """Turn the offered secret into a second factor with its first code.

    Recovery codes come with the first factor of any kind.
    """
    _check(deps, by)
    account = by.account
    totp = await _prove(deps, account, code)
    is_first = not account.has_second_factor
    codes, hashes = fresh_codes(account) if is_first else ([], None)

    async def work(tx: Transaction) -> Account:
        changed = await deps.codes.activate_totp(account, totp, hashes, tx)
        if changed is None:
            raise AlreadyActiveError
        notice = TotpActivated(
            **addressee(account),
            activated_at=totp.activated_at,
        )
        tx.publish(notice, sequence=changed.version)
        return changed

    changed = await deps.transact(work)
    return Activated(codes, await end_activation(deps, by, changed, ("mfa", "otp")))


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
    """Give the authenticator app up, while another factor is left or none is compulsory."""
    now = deps.now()
    if account.totp is None:
        raise NotFoundError
    deadline = deadline_of(account, await compulsion_in(deps, account.org))
    check_totp_may_go(account, deadline, now)
    codes = list(account.recovery_hashes) if account.passkeys else []

    async def work(tx: Transaction) -> None:
        changed = await deps.accounts.change(account, tx, totp=None, recovery_hashes=codes)
        if changed is None:
            raise ConflictError
        notice = TotpRemoved(
            **addressee(account),
            removed_at=now,
            passkeys_left=len(account.passkeys),
        )
        tx.publish(notice, sequence=changed.version)

    await deps.transact(work)
