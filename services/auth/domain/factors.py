"""What must be left of the ways into an account when its owner gives one up.

A second factor is a TOTP or a passkey; recovery codes only stand in for one. Where a second factor
is compulsory, the last one stays. Where there is neither a password nor an account of the Reseller
Portal, a passkey that verifies its user stays: nothing else opens the account.
"""

from datetime import datetime
from enum import StrEnum

from services.auth.domain.accounts import Account
from shared.errors import ConflictError


class Factor(StrEnum):
    """What an account takes as the second step of a sign-in."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


class CompulsoryError(ConflictError):
    code = "totp_compulsory"
    detail = "Two-factor authentication is compulsory and can't be given up."


class LastWayInError(ConflictError):
    code = "last_way_in"
    detail = "Without this passkey nothing would let you in. Set a password first."


def factors_of(account: Account) -> tuple[Factor, ...]:
    there = {
        Factor.TOTP: account.totp is not None,
        Factor.PASSKEY: bool(account.passkeys),
        Factor.RECOVERY_CODE: bool(account.recovery_hashes),
    }
    return tuple(factor for factor, is_there in there.items() if is_there)


def check_totp_may_go(account: Account, deadline: datetime, now: datetime) -> None:
    """Raise CompulsoryError where the TOTP is the last factor and one is compulsory.

    `deadline` is by when the account would have to have one if it had none.
    """
    if not account.passkeys and now >= deadline:
        raise CompulsoryError


def check_passkey_may_go(
    account: Account, passkey_id: str, deadline: datetime, now: datetime
) -> None:
    """Raise the reason why this passkey has to stay."""
    left = [passkey for passkey in account.passkeys if passkey.id != passkey_id]
    is_only_way = account.password_hash is None and account.issuer_subject is None
    if is_only_way and not any(passkey.verifies_user for passkey in left):
        raise LastWayInError
    if not left and account.totp is None and now >= deadline:
        raise CompulsoryError
