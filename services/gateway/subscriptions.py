"""News that every replica of the gateway hears: what voids decisions, what others let pass."""

from typing import Final

from services.gateway.clients.doorman import Doorman
from services.gateway.clients.followers import Followers
from services.gateway.domain.quotas import Quotas
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
from shared.contracts.gateway import QuotaUsed
from shared.contracts.tenancy import ChangesFiled, StaffLimited, TenantAccessChanged

NEWS: Final = (
    AccountChanged.type,
    AccountDeleted.type,
    AccountDisabled.type,
    ApiKeyRevoked.type,
    ApiKeyRotated.type,
    ChangesFiled.type,
    OrganisationClosed.type,
    QuotaUsed.type,
    SessionRevoked.type,
    StaffLimited.type,
    TenantAccessChanged.type,
)


def hear(doorman: Doorman, quotas: Quotas, followers: Followers, event: CloudEvent) -> None:
    """The subject of what voids is the account, client, session or organisation it is about."""
    if event.type == QuotaUsed.type:
        told = QuotaUsed.model_validate(event.data)
        quotas.hear(told.replica_id, told.used, monotonic())
    elif event.type == ChangesFiled.type:
        followers.wake(ChangesFiled.model_validate(event.data).orgs)
    elif event.type in NEWS:
        doorman.news.note(event.subject, monotonic())
