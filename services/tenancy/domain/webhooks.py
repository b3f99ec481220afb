"""A webhook: where a reseller's own program hears of events, and what they are signed with."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.errors import ConflictError

AT_MOST: Final = 10
"""Webhooks of one reseller."""
OVERLAP: Final = timedelta(days=1)
LONGEST_OVERLAP: Final = timedelta(days=7)
_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


class WebhookState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is sent; what happens waits."""
    ENDED = "ended"
    """Its receiver has answered 410; what happens is not kept for it."""


class TooManyWebhooksError(ConflictError):
    code = "too_many_webhooks"
    detail = f"A reseller has at most {AT_MOST} webhooks. Delete one first."


class WebhookNotActiveError(ConflictError):
    code = "webhook_not_active"
    detail = "This webhook is paused or ended. Make it active first."


@dataclass(frozen=True)
class Secret:
    """What deliveries are signed with, encrypted for our own later use."""

    locked: str
    created_at: datetime
    until: datetime | None = None
    """None for the newest; one that was replaced is good until then."""


@dataclass(frozen=True)
class Webhook:
    id: str
    reseller_id: str
    name: str
    url: str
    types: frozenset[str] | None
    """None for all that are offered."""
    secrets: tuple[Secret, ...]
    """The newest first."""
    created_at: datetime
    created_by: str
    state: WebhookState = WebhookState.ACTIVE
    version: int = 1

    def wants(self, event_type: str) -> bool:
        return self.types is None or event_type in self.types

    def good_secrets(self, now: datetime) -> tuple[Secret, ...]:
        """Those that a receiver may still know, the newest first."""
        return tuple(one for one in self.secrets if one.until is None or now < one.until)

    def rotated(self, locked: str, now: datetime, overlap: timedelta) -> "Webhook":
        """With a new secret; of the old ones only the last is good, for the overlap."""
        last = replace(self.secrets[0], until=now + overlap)
        kept = (Secret(locked, now), last) if overlap else (Secret(locked, now),)
        return replace(self, secrets=kept, version=self.version + 1)


def new_secret() -> str:
    """A signing secret as Standard Webhooks writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signatures(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """`webhook-signature` (Standard Webhooks 1.0.0, symmetric): one signature per secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_hmac(key, signed)}" for key in keys)


def _hmac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
