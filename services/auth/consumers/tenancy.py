"""Events of tenancy that auth takes in."""

from typing import Final, TypeVar

from services.auth.actions.delegated import follow_delegation, follow_end_of_access
from services.auth.actions.email_domains import note_domains
from services.auth.actions.invite import invite_first
from services.auth.actions.org_settings import note_assignment, note_settings
from services.auth.actions.organisations import delete_organisation, note_organisation
from services.auth.actions.transferred import end_what_was_given
from services.auth.deps import Deps
from shared.access import Role
from shared.contracts.auth import FirstAdminInvited
from shared.contracts.tenancy import (
    AccessEnded,
    DelegationChanged,
    OffboardingBegun,
    OffboardingCancelled,
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSettingsChanged,
    ResellerSuspended,
    ResellerTerminated,
    TenantConfigured,
    TenantCreated,
    TenantDeleted,
    TenantEdited,
    TenantResumed,
    TenantSettingsChanged,
    TenantSuspended,
    TenantTransferred,
    VendorSettingsChanged,
)
from shared.inbox import Received
from shared.outbox import Transaction

C = TypeVar(
    "C",
    bound=ResellerAuthorised
    | ResellerChanged
    | ResellerResumed
    | ResellerSuspended
    | ResellerTerminated,
)
S = TypeVar("S", bound=ResellerSettingsChanged | TenantSettingsChanged | VendorSettingsChanged)
T = TypeVar(
    "T",
    bound=OffboardingBegun
    | OffboardingCancelled
    | TenantCreated
    | TenantResumed
    | TenantConfigured
    | TenantSuspended
    | TenantTransferred,
)
_CLOSED: Final = {"deleted", "offboarding", "suspended", "terminated"}


async def reseller_created(deps: Deps, event: Received[ResellerCreated], tx: Transaction) -> None:
    await _note_reseller(deps, event, tx)
    await invite_first(
        deps, event.body.reseller_id, event.body.primary_user, Role.RESELLER_ADMIN, tx
    )


async def reseller_changed(deps: Deps, event: Received[C], tx: Transaction) -> None:
    said = event.body
    await _note_reseller(deps, event, tx)
    await note_domains(deps, said.reseller_id, said.email_domains, event.sequence, tx)


async def _note_reseller(
    deps: Deps, event: Received[C] | Received[ResellerCreated], tx: Transaction
) -> None:
    said = event.body
    await note_organisation(
        deps,
        said.reseller_id,
        name=said.name,
        locale=said.locale,
        is_open=said.status not in _CLOSED,
        sequence=event.sequence,
        tx=tx,
    )


async def tenant_created(deps: Deps, event: Received[TenantCreated], tx: Transaction) -> None:
    await tenant_changed(deps, event, tx)
    created = event.body
    await note_domains(deps, created.tenant_id, created.email_domains, event.sequence, tx)
    account = await invite_first(deps, created.tenant_id, created.first_admin, Role.ADMIN, tx)
    if account is not None and created.order_id is not None:
        invited = FirstAdminInvited(
            order_id=created.order_id,
            reseller_id=created.reseller_id,
            tenant_id=created.tenant_id,
            account_id=account.id,
        )
        tx.publish(invited)


async def tenant_configured(deps: Deps, event: Received[TenantConfigured], tx: Transaction) -> None:
    await tenant_changed(deps, event, tx)
    await invite_first(deps, event.body.tenant_id, event.body.first_admin, Role.ADMIN, tx)


async def tenant_changed(deps: Deps, event: Received[T], tx: Transaction) -> None:
    said = event.body
    await _note_tenant(deps, event, tx)
    await note_assignment(deps, said.tenant_id, said.reseller_id, event.sequence, tx)


async def tenant_edited(deps: Deps, event: Received[TenantEdited], tx: Transaction) -> None:
    await _note_tenant(deps, event, tx)
    said = event.body
    await note_domains(deps, said.tenant_id, said.email_domains, event.sequence, tx)


async def tenant_transferred(
    deps: Deps, event: Received[TenantTransferred], tx: Transaction
) -> None:
    moved = event.body
    await tenant_changed(deps, event, tx)
    await end_what_was_given(deps, moved.tenant_id, moved.former_reseller_id, tx)


async def delegation_changed(
    deps: Deps, event: Received[DelegationChanged], tx: Transaction
) -> None:
    await follow_delegation(deps, event.body, event.sequence, tx)


async def access_ended(deps: Deps, event: Received[AccessEnded], tx: Transaction) -> None:
    await follow_end_of_access(deps, event.body, tx)


async def tenant_deleted(deps: Deps, event: Received[TenantDeleted], tx: Transaction) -> None:
    await delete_organisation(deps, event.body.tenant_id, event.sequence, tx)


async def settings_changed(deps: Deps, event: Received[S], tx: Transaction) -> None:
    await note_settings(deps, event.body, event.sequence, tx)


async def _note_tenant(
    deps: Deps, event: Received[T] | Received[TenantEdited], tx: Transaction
) -> None:
    said = event.body
    await note_organisation(
        deps,
        said.tenant_id,
        name=said.name,
        locale=said.locale,
        is_open=said.status not in _CLOSED,
        sequence=event.sequence,
        tx=tx,
    )
