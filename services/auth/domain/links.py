"""One-time links: a random token that lets one account set a password, once, for a limited time."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.errors import DomainError

MAILS_PER_HOUR: Final = 3


class Purpose(StrEnum):
    RESET = "reset"
    INVITATION = "invitation"


class LinkError(DomainError):
    """One answer for a link that is unknown, used, replaced by a newer one or past its time."""

    code = "link_invalid"
    detail = "This link is no longer valid. Ask for a new one."


@dataclass(frozen=True)
class Link:
    digest: str
    account_id: str
    purpose: Purpose
    created_at: datetime
    expires_at: datetime
    org: str | None = None
    """The account's organisation, where somebody of another one gave the link out."""
    given_by: str | None = None
    """That other organisation: when it loses the customer, the link ends."""


def digest(token: str) -> str:
    """How a link's token (256 random bits) is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
