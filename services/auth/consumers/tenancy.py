"""Events of tenancy that auth takes in."""

from typing import Final, TypeVar

from services.auth.actions.invite import invite_first
from services.auth.actions.org_settings import note_assignment, note_settings
from services.auth.actions.organisations import note_organisation
from services.auth.deps import Deps
from shared.access import Role
from shared.contracts.tenancy import (
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerResumed,
    ResellerSettingsChanged,
    ResellerSuspended,
    ResellerTerminated,
    TenantCreated,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from shared.inbox import Received
from shared.outbox import Transaction

R = TypeVar(
    "R",
    bound=ResellerAuthorised
    | ResellerChanged
    | ResellerCreated
    | ResellerResumed
    | ResellerSuspended
    | ResellerTerminated,
)
S = TypeVar("S", bound=ResellerSettingsChanged | TenantSettingsChanged | VendorSettingsChanged)
_CLOSED: Final = {"suspended", "terminated"}


async def reseller_created(deps: Deps, event: Received[ResellerCreated], tx: Transaction) -> None:
    await reseller_changed(deps, event, tx)
    await invite_first(
        deps, event.body.reseller_id, event.body.primary_user, Role.RESELLER_ADMIN, tx
    )


async def reseller_changed(deps: Deps, event: Received[R], tx: Transaction) -> None:
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
    created = event.body
    await note_organisation(
        deps,
        created.tenant_id,
        name=created.name,
        locale=created.locale,
        is_open=True,
        sequence=event.sequence,
        tx=tx,
    )
    await note_assignment(deps, created.tenant_id, created.reseller_id, event.sequence, tx)
    await invite_first(deps, created.tenant_id, created.first_admin, Role.ADMIN, tx)


async def settings_changed(deps: Deps, event: Received[S], tx: Transaction) -> None:
    await note_settings(deps, event.body, event.sequence, tx)
