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
    url: str | None = None


def next_step(account: Account, now: datetime, deadline: datetime | None) -> Next:
    """`deadline` is by when a second factor must be active, None where one is."""
    if account.has_second_factor or deadline is None:
        return Next.TOTP
    if now < deadline:
        return Next.DONE
    return Next.RESELLER_PORTAL if account.label == RSP else Next.ENROL_TOTP


def notices(
    account: Account, now: datetime, deadline: datetime | None, reseller_portal_url: str
) -> list[Notice]:
    """What to say before the deadline; an RSP account hears where it activates its factor."""
    if account.has_second_factor or deadline is None or now >= deadline:
        return []
    days = (deadline - now).days
    is_elsewhere = account.label == RSP
    where = "in the Reseller Portal" if is_elsewhere else "now"
    when = {0: "within a day", 1: "in one day"}.get(days, f"in {days} days")
    detail = f"Two-factor authentication becomes compulsory {when}. Activate it {where}."
    url = reseller_portal_url if is_elsewhere else None
    return [Notice("totp_due", detail, deadline, days, url)]
