"""News that voids what the gateway has decided; every replica hears of them."""

from typing import Final

from services.gateway.clients.doorman import Doorman
from shared.clock import monotonic
from shared.contracts.auth import (
    AccountChanged,
    AccountDeleted,
    AccountDisabled,
    ApiKeyRevoked,
    ApiKeyRotated,
    OrganisationClosed,
    SessionRevoked,
)
from shared.contracts.events import CloudEvent
from shared.contracts.tenancy import TenantAccessChanged

NEWS: Final = (
    AccountChanged.type,
    AccountDeleted.type,
    AccountDisabled.type,
    ApiKeyRevoked.type,
    ApiKeyRotated.type,
    OrganisationClosed.type,
    SessionRevoked.type,
    TenantAccessChanged.type,
)


def hear(doorman: Doorman, event: CloudEvent) -> None:
    """The subject of each is the account, client, session or organisation that it is about."""
    if event.type in NEWS:
        doorman.news.note(event.subject, monotonic())
