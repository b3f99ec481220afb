"""What counts in an organisation, of all that it and those above it have decided.

Every level is kept and they are resolved when they are asked for, so that a change above needs no
event for each organisation below.
"""

from collections.abc import Sequence

from services.auth.deps import Deps
from services.auth.domain.sessions import Limits
from services.auth.store.org_settings import Decided
from shared.contracts.tenancy import (
    ResellerSettingsChanged,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from shared.outbox import Transaction


def limits_by(deps: Deps, line: Sequence[Decided]) -> Limits:
    """How long sessions may last where these have decided."""
    limits = deps.policy.session_limits
    for level in line:
        limits = limits.narrowed(level.session_idle, level.session_absolute)
    return limits


async def limits_in(deps: Deps, org: str) -> Limits:
    """How long sessions of its accounts may last."""
    return limits_by(deps, await deps.settings.line(org))


async def locale_in(deps: Deps, org: str) -> str:
    """The language of its people unless they say otherwise."""
    chosen = [level.locale for level in await deps.settings.line(org) if level.locale]
    return chosen[-1] if chosen else await deps.organisations.locale_of(org)


async def note_settings(
    deps: Deps,
    changed: TenantSettingsChanged | ResellerSettingsChanged | VendorSettingsChanged,
    sequence: int,
    tx: Transaction,
) -> None:
    decided = Decided(
        org=changed.subject,
        totp_required_from=changed.totp_required_from,
        session_idle=changed.session_idle,
        session_absolute=changed.session_absolute,
        locale=changed.locale,
    )
    await deps.settings.note(decided, sequence, tx)


async def note_assignment(
    deps: Deps, tenant: str, reseller: str, sequence: int, tx: Transaction
) -> None:
    await deps.settings.assign(tenant, reseller, sequence, tx)
