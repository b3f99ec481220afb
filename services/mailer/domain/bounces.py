"""What a returned mail tells: which mail, whose address, and whether it is for good (RFC 3464)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.errors import FieldError, InvalidError

_FOR_GOOD: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}")
"""A permanent failure (RFC 3463 §2)."""


class NoBounceError(InvalidError):
    """A message is no delivery status notification, or names no mail that it is about."""

    def __init__(self, detail: str) -> None:
        super().__init__(fields=[FieldError("#/body/message", "no_bounce", detail)])


@dataclass(frozen=True)
class Bounce:
    """One recipient's part of a delivery status notification."""

    mail_id: str
    """Of our mail that came back, from its Message-ID."""
    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def is_for_good(self) -> bool:
        """Whether no later mail will be taken either; a delay is none of that."""
        return self.action == "failed" and _FOR_GOOD.fullmatch(self.status) is not None


@dataclass(frozen=True)
class Suppression:
    id: str
    address: str
    mail_id: str
    """The mail that came back."""
    status: str
    """The enhanced status code (RFC 3463), such as `5.1.1`."""
    diagnostic: str
    created_at: datetime


def domain_of(address: str) -> str:
    return address_key(address).rpartition("@")[2]


def address_key(address: str) -> str:
    """What makes two addresses the same: nobody tells users apart by the case of letters, and mail
    servers know a domain outside ASCII by its IDNA form, as a mail goes out to it.
    """
    user, at, domain = address.strip().casefold().rpartition("@")
    return f"{user}{at}{_ascii(domain)}"


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:  # no mail goes there
        return domain
