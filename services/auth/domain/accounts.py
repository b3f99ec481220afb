"""An account: who it is, what it may be used for, and when it may sign in."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.auth.domain.passkeys import Passkey
from shared.access import Role
from shared.contracts.auth import AccountRecorded
from shared.ids import OrgKind, kind_of

RSP: Final = "RSP"
"""The label of an account whose password and second factor live in the Reseller Portal."""
_OPENS_A_TENANT: Final = {Role.ADMIN, Role.AUDITOR}


class Status(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True)
class Totp:
    """A confirmed second factor. `locked_secret` is encrypted for this account alone."""

    locked_secret: str
    last_step: int
    """The time step of the last code that was accepted; only a later one is accepted again."""
    activated_at: datetime


@dataclass(frozen=True)
class IssuerSubject:
    """Who an account is at the Reseller Portal; a sign-in from there goes by this alone."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class Account:
    id: str
    org: str
    username: str
    email: str
    display_name: str
    locale: str
    roles: tuple[str, ...]
    label: str | None
    status: Status
    password_hash: str | None
    password_changed_at: datetime
    totp: Totp | None
    pending_totp: str | None
    recovery_hashes: tuple[str, ...]
    created_at: datetime
    version: int
    comment: str = ""
    last_sign_in_at: datetime | None = None
    totp_deadline: datetime | None = None
    """By when it must have a second factor, once that was told; `deadlines` has the rule."""
    issuer_subject: IssuerSubject | None = None
    """Set by what the Reseller Portal itself delivers and by nothing else."""
    portal_user_id: str | None = None
    """What the Reseller Portal calls its own person, also where no issuer is configured here."""
    passkeys: tuple[Passkey, ...] = ()
    is_primary: bool = False
    """Whether it is its reseller's primary user, who alone invites the others."""

    @property
    def has_second_factor(self) -> bool:
        """A TOTP or a passkey: either does, wherever a second factor is asked for."""
        return self.totp is not None or bool(self.passkeys)

    @property
    def may_sign_in(self) -> bool:
        """Active, with something to sign in with, here or there, and a role that opens the portal.

        A tenant's user without a role holds a device and can't sign in: the seed's "assign the
        admin role" is the one act that opens the portal to a customer.
        """
        has_a_way = self.password_hash or self.issuer_subject or self.passkeys
        if self.status is not Status.ACTIVE or not has_a_way:
            return False
        if kind_of(self.org) is OrgKind.TENANT:
            return not _OPENS_A_TENANT.isdisjoint(self.roles)
        return bool(self.roles)


def username_key(username: str) -> str:
    """What makes user names the same: spaces around, width and case of letters don't matter."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def addressee(account: Account) -> dict[str, str]:
    """Who a mail about this account goes to; the fields that the events of such mails share."""
    return {
        "account_id": account.id,
        "org": account.org,
        "username": account.username,
        "email": account.email,
        "locale": account.locale,
    }


def recorded(account: Account) -> AccountRecorded:
    """What others keep of an account."""
    return AccountRecorded(
        **addressee(account),
        display_name=account.display_name,
        roles=list(account.roles),
        status=account.status.value,
        label=account.label,
        has_second_factor=account.has_second_factor,
    )
