"""What follows on the right password: in, a code, an activation, or the Reseller Portal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.auth.domain.accounts import RSP, Account
from shared.errors import UnauthenticatedError


class Next(StrEnum):
    DONE = "done"
    TOTP = "totp"
    ENROL_TOTP = "enrol_totp"
    RESELLER_PORTAL = "reseller_portal"


class LoginRefusedError(UnauthenticatedError):
    """The one refusal: unknown tenant or user, wrong password, no role, disabled, locked."""

    code = "login_refused"
    detail = "User name, password or tenant domain is not right."


class CodeRefusedError(UnauthenticatedError):
    """The one refusal of a second step: wrong, used or late code, or a challenge past its time."""

    code = "code_refused"
    detail = "This code is not right, was used already, or came too late."


@dataclass(frozen=True)
class Notice:
    """Something that a person should hear at sign-in."""

    code: str
    detail: str
    deadline: datetime | None = None
    days_left: int | None = None


def next_step(account: Account, now: datetime, totp_required_from: datetime) -> Next:
    if account.totp is not None:
        return Next.TOTP
    if now < totp_required_from:
        return Next.DONE
    return Next.RESELLER_PORTAL if account.label == RSP else Next.ENROL_TOTP


def notices(account: Account, now: datetime, totp_required_from: datetime) -> list[Notice]:
    if account.totp is not None or now >= totp_required_from:
        return []
    days = (totp_required_from - now).days
    detail = f"Two-factor authentication becomes compulsory in {days} days. Activate it now."
    return [Notice("totp_due", detail, totp_required_from, days)]
