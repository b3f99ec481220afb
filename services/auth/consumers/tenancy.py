"""Events of tenancy that auth takes in."""

from services.auth.actions.compulsion import note_settings
from services.auth.actions.invite import invite_first_admin
from services.auth.actions.organisations import note_organisation
from services.auth.deps import Deps
from shared.contracts.tenancy import ResellerCreated, TenantCreated, TenantSettingsChanged
from shared.inbox import Received
from shared.outbox import Transaction


async def reseller_created(deps: Deps, event: Received[ResellerCreated], tx: Transaction) -> None:
    created = event.body
    await note_organisation(deps, created.reseller_id, created.name, created.locale, tx)


async def tenant_created(deps: Deps, event: Received[TenantCreated], tx: Transaction) -> None:
    created = event.body
    await note_organisation(deps, created.tenant_id, created.name, created.locale, tx)
    await invite_first_admin(deps, created, tx)


async def tenant_settings_changed(
    deps: Deps, event: Received[TenantSettingsChanged], tx: Transaction
) -> None:
    await note_settings(deps, event.body, event.sequence, tx)
