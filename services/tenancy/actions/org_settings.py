"""Reading and changing what the vendor, a reseller or a tenant has decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.org_settings import OrgSettings, Resolved, Values, resolve
from shared.contracts.tenancy import (
    ResellerSettingsChanged,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from shared.errors import NotFoundError, PreconditionError
from shared.ids import VENDOR, OrgKind, kind_of
from shared.mongo.collection import Session
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


@dataclass(frozen=True)
class Settled:
    """What an organisation has decided itself, what counts above it, and what counts in it."""

    settings: OrgSettings
    above: Resolved
    effective: Resolved


async def read_settings(deps: Deps, org: str, session: Session | None = None) -> Settled:
    """NotFoundError where there is no such organisation."""
    orgs, locale = await _line(deps, org, session)
    chain = await deps.settings.chain(orgs, session)
    outer = replace(deps.outer_settings, locale=locale)
    return Settled(chain[-1], resolve(outer, chain[:-1]), resolve(outer, chain))


async def change_settings(deps: Deps, org: str, *, was: int, changes: Mapping[str, Any]) -> Settled:
    """Set or lift own values, if the settings are still as the caller read them."""

    async def act(transaction: Transaction) -> Settled:
        found = await read_settings(deps, org, transaction.session)
        if found.settings.version != was:
            raise PreconditionError
        changed = found.settings.changed(changes, found.above)
        if changed is found.settings:
            return found
        await deps.settings.save(changed, transaction.session)
        await tell(deps, _told(changed), sequence=changed.version, transaction=transaction)
        return await read_settings(deps, org, transaction.session)

    try:
        settled = await deps.transact(act)
    except DuplicateKeyError as error:  # somebody else decided something for the first time
        raise PreconditionError from error
    log.info("settings_changed", org=org, version=settled.settings.version)
    return settled


async def _line(deps: Deps, org: str, session: Session | None) -> tuple[list[str], str | None]:
    """The organisations from the vendor down to this one, and the language it was made with."""
    if org == VENDOR:
        return [VENDOR], deps.outer_settings.locale
    if kind_of(org) is OrgKind.RESELLER:
        reseller = await deps.resellers.get(org, session)
        if reseller is None:
            raise NotFoundError
        return [VENDOR, org], reseller.locale
    tenant = await deps.tenants.get(org, session)
    if tenant is None or tenant.is_deleted:
        raise NotFoundError
    return [VENDOR, tenant.reseller_id, org], tenant.locale


def _told(
    settings: OrgSettings,
) -> TenantSettingsChanged | ResellerSettingsChanged | VendorSettingsChanged:
    org, decided = settings.org, _facts(settings.own)
    if org == VENDOR:
        return VendorSettingsChanged(vendor_id=VENDOR, **decided)
    if kind_of(org) is OrgKind.RESELLER:
        return ResellerSettingsChanged(reseller_id=org, **decided)
    return TenantSettingsChanged(tenant_id=org, **decided)


def _facts(own: Values) -> dict[str, Any]:
    recipients = own.notice_recipients
    return {**asdict(own), "notice_recipients": None if recipients is None else list(recipients)}
