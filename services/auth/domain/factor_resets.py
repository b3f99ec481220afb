"""A lost second factor, taken off by an admin: it waits, so that its owner can stop it.

waiting → done | stopped | void. At most one waits per account.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.auth.domain.accounts import RSP, Account
from services.auth.domain.users import ManagedElsewhereError
from shared.errors import ConflictError


class ResetState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    VOID = "void"
    """When its time came there was nothing left to take off."""


class NoFactorError(ConflictError):
    code = "totp_not_active"
    detail = "This account has no second factor."


class ResetWaitsError(ConflictError):
    code = "totp_reset_waiting"
    detail = "A reset of this account's second factor is waiting already."


class ResetDoneError(ConflictError):
    code = "totp_reset_done"
    detail = (
        "The second factor has been taken off already. If you did not ask for that, choose a new "
        "password at once, activate a second factor and tell your administrator."
    )


class FactorElsewhereError(ManagedElsewhereError):
    """The factor of an account labelled RSP lives in the Reseller Portal; the answer says where."""

    def __init__(self, url: str) -> None:
        detail = "Two-factor authentication of this account lives in the Reseller Portal."
        super().__init__(detail, extensions={"url": url})


@dataclass(frozen=True)
class FactorReset:
    id: str
    account_id: str
    org: str
    reason: str
    asked_by: str
    asked_by_org: str
    request_id: str
    asked_at: datetime
    due_at: datetime
    stop_digest: str
    """SHA-256 of the token that stops it."""
    state: ResetState = ResetState.WAITING

    def still_fits(self, account: Account | None) -> bool:
        """Whether the account still has what was said to be lost, and has got nothing new since."""
        if account is None or not account.has_second_factor:
            return False
        made = [passkey.created_at for passkey in account.passkeys]
        if account.totp is not None:
            made.append(account.totp.activated_at)
        return max(made) <= self.asked_at


def check_resettable(account: Account, reseller_portal_url: str) -> None:
    """Raise the reason why this account's second factor can't be taken off here."""
    if account.label == RSP:
        raise FactorElsewhereError(reseller_portal_url)
    if not account.has_second_factor:
        raise NoFactorError
