"""Events of tenancy: what an organisation gets a mail about, and who else gets its mails."""

from typing import Final, TypeVar

from services.mailer.actions.purge import forget_organisation
from services.mailer.actions.recipients import note_assignment, note_recipients
from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain.templates import Template
from shared.contracts.tenancy import (
    OffboardingBegun,
    OffboardingCancelled,
    ResellerAuthorised,
    ResellerResumed,
    ResellerSettingsChanged,
    ResellerSuspended,
    ResellerTerminated,
    TenantCreated,
    TenantDeleted,
    TenantResumed,
    TenantSettingsChanged,
    TenantSuspended,
    TenantTransferred,
    VendorSettingsChanged,
)
from shared.inbox import Received
from shared.outbox import Transaction

T = TypeVar("T", bound=OffboardingBegun | OffboardingCancelled | TenantResumed | TenantSuspended)
R = TypeVar(
    "R", bound=ResellerAuthorised | ResellerResumed | ResellerSuspended | ResellerTerminated
)
S = TypeVar("S", bound=ResellerSettingsChanged | TenantSettingsChanged | VendorSettingsChanged)
_TEMPLATES: Final = {
    OffboardingBegun.type: Template.OFFBOARDING_BEGUN,
    OffboardingCancelled.type: Template.OFFBOARDING_CANCELLED,
    ResellerAuthorised.type: Template.RESELLER_AUTHORISED,
    ResellerResumed.type: Template.RESELLER_RESUMED,
    ResellerSuspended.type: Template.RESELLER_SUSPENDED,
    ResellerTerminated.type: Template.RESELLER_TERMINATED,
    TenantResumed.type: Template.TENANT_RESUMED,
    TenantSuspended.type: Template.TENANT_SUSPENDED,
}


async def tenant_moved(deps: Deps, event: Received[T], tx: Transaction) -> None:
    """To the tenant's administrators, whose doing it was not."""
    moved = event.body
    delete_at = moved.delete_at if isinstance(moved, OffboardingBegun) else None
    notice = Notice(
        moved.tenant_id,
        _TEMPLATES[moved.type],
        {"org_name": moved.name, "reason": moved.reason},
        happened_at=delete_at or event.envelope.time,
    )
    await write_to(deps, notice, event.envelope, tx)


async def reseller_moved(deps: Deps, event: Received[R], tx: Transaction) -> None:
    """To the reseller's administrators, whose doing it was not."""
    moved = event.body
    notice = Notice(
        moved.reseller_id,
        _TEMPLATES[moved.type],
        {"org_name": moved.name, "reason": moved.reason},
        happened_at=event.envelope.time,
    )
    await write_to(deps, notice, event.envelope, tx)


async def tenant_deleted(deps: Deps, event: Received[TenantDeleted], tx: Transaction) -> None:
    """A last mail, and one to its reseller; then nothing is kept of it."""
    deleted = event.body
    notice = Notice(
        deleted.tenant_id,
        Template.TENANT_DELETED,
        {"org_name": deleted.name},
        happened_at=event.envelope.time,
    )
    words = {"tenant_id": deleted.tenant_id, "org_name": deleted.name}
    left = Notice(deleted.reseller_id, Template.CUSTOMER_DELETED, words)
    for one in (notice, left):
        await write_to(deps, one, event.envelope, tx)
    await forget_organisation(deps, deleted.tenant_id, tx)


async def tenant_created(deps: Deps, event: Received[TenantCreated], tx: Transaction) -> None:
    created = event.body
    await note_assignment(deps, created.tenant_id, created.reseller_id, event.sequence, tx)


async def settings_changed(deps: Deps, event: Received[S], tx: Transaction) -> None:
    await note_recipients(deps, event.body.subject, event.body, event.sequence, tx)


async def tenant_transferred(
    deps: Deps, event: Received[TenantTransferred], tx: Transaction
) -> None:
    """To the customer and to both resellers."""
    moved = event.body
    await note_assignment(deps, moved.tenant_id, moved.reseller_id, event.sequence, tx)
    words = {"org_name": moved.name, "reason": moved.reason}
    customer = {**words, "tenant_id": moved.tenant_id}
    whom = (
        (moved.tenant_id, Template.TENANT_TRANSFERRED, words),
        (moved.former_reseller_id, Template.CUSTOMER_LOST, customer),
        (moved.reseller_id, Template.CUSTOMER_GAINED, customer),
    )
    for org, template, said in whom:
        notice = Notice(org, template, said, happened_at=event.envelope.time)
        await write_to(deps, notice, event.envelope, tx)
