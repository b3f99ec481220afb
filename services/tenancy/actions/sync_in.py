"""Carrying out what the Reseller Portal says of companies and customers.

It owns a company's name, whether it is verified, and that it is gone; of a customer the name, the
reseller's number, and that it is gone. Everything else is decided here.
"""

import re
from typing import Final

import structlog

from services.tenancy.actions.resellers import facts as reseller_facts
from services.tenancy.actions.tell import tell
from services.tenancy.actions.tenants import add_tenant, told_edited
from services.tenancy.actions.tenants import facts as tenant_facts
from services.tenancy.deps import Deps
from services.tenancy.domain import tenant_states
from services.tenancy.domain.resellers import Reseller, ResellerStatus
from services.tenancy.domain.tenants import Tenant, TenantEdit, TenantStatus
from shared.contracts.events import Event
from shared.contracts.reseller_portal import (
    CompanyRemoved,
    CompanyUpserted,
    CustomerRemoved,
    CustomerUpserted,
)
from shared.contracts.tenancy import (
    OffboardingBegun,
    ResellerAuthorised,
    ResellerChanged,
    ResellerCreated,
    ResellerTerminated,
)
from shared.outbox import Transaction
from shared.sync import ForeignRecordError, NotYetKnownError

log = structlog.get_logger()
WHY: Final = "Reseller Portal"
"""The reason that activities of its messages give."""
_THEIR_NUMBERS: Final = re.compile(r"[0-9]{7,10}\.[a-z]+")
"""Numbers of six digits are given out here, longer ones there, so that never both give one out."""


async def upsert_company(deps: Deps, said: CompanyUpserted, sequence: int, tx: Transaction) -> bool:
    if not await deps.synced.is_new(said.reseller_id, sequence, tx):
        return False
    await deps.synced.note(said.reseller_id, said.reseller_id, sequence, tx)
    reseller = await deps.resellers.get(said.reseller_id, tx.session)
    if reseller is None:
        await _add_company(deps, said, tx)
        return True
    renamed = reseller.edited(name=said.name, locale=None)
    if renamed is not reseller:
        await _save(deps, renamed, ResellerChanged(**reseller_facts(renamed)), None, tx)
    if said.is_verified and renamed.status is ResellerStatus.PROSPECT:
        verified = renamed.authorised()
        told = ResellerAuthorised(**reseller_facts(verified), reason=WHY)
        await _save(deps, verified, told, WHY, tx)
        return True
    return renamed is not reseller


async def remove_company(deps: Deps, said: CompanyRemoved, sequence: int, tx: Transaction) -> bool:
    if not await deps.synced.is_new(said.reseller_id, sequence, tx):
        return False
    await deps.synced.note(said.reseller_id, said.reseller_id, sequence, tx, is_removed=True)
    reseller = await deps.resellers.get(said.reseller_id, tx.session)
    if reseller is None:
        _must_be_theirs(said.reseller_id)
    if reseller is None or reseller.status is ResellerStatus.TERMINATED:
        return False
    gone = reseller.terminated()
    told = ResellerTerminated(**reseller_facts(gone), reason=WHY)
    await _save(deps, gone, told, WHY, tx)
    return True


async def upsert_customer(
    deps: Deps, said: CustomerUpserted, sequence: int, tx: Transaction
) -> bool:
    """ForeignRecordError where this company has no such customer, and may not make it."""
    tenant = await _own(deps, said, tx)
    if not await deps.synced.is_new(said.tenant_id, sequence, tx):
        return False
    await deps.synced.note(said.tenant_id, said.reseller_id, sequence, tx)
    if tenant is None:
        await _add_customer(deps, said, tx)
        return True
    if tenant.is_deleted:
        raise ForeignRecordError
    edit = TenantEdit(name=said.name, reseller_number=said.reseller_number or "")
    edited = edit.of(tenant)
    if edited is tenant:
        return False
    await _save_tenant(deps, edited, told_edited(edited), tx)
    return True


async def remove_customer(
    deps: Deps, said: CustomerRemoved, sequence: int, tx: Transaction
) -> bool:
    """It is closed, and kept for as long as any tenant that is on its way out."""
    tenant = await _own(deps, said, tx)
    if not await deps.synced.is_new(said.tenant_id, sequence, tx):
        return False
    await deps.synced.note(said.tenant_id, said.reseller_id, sequence, tx, is_removed=True)
    if tenant is None or tenant.status in {TenantStatus.OFFBOARDING, TenantStatus.DELETED}:
        return False
    delete_at = deps.now() + deps.offboarding_kept
    leaving = tenant_states.offboarding(tenant, delete_at)
    told = OffboardingBegun(**tenant_facts(leaving), reason=WHY, delete_at=delete_at)
    await _save_tenant(deps, leaving, told, tx)
    return True


async def _own(
    deps: Deps, said: CustomerRemoved | CustomerUpserted, tx: Transaction
) -> Tenant | None:
    """The company's customer, None where it may become one; else ForeignRecordError."""
    tenant = await deps.tenants.get(said.tenant_id, tx.session)
    if tenant is None:
        _must_be_theirs(said.tenant_id)
        known = await deps.synced.get(said.tenant_id, tx)
        owner = known.reseller_id if known else said.reseller_id
    else:
        owner = tenant.reseller_id
    if owner != said.reseller_id:
        raise ForeignRecordError
    return tenant


async def _add_company(deps: Deps, said: CompanyUpserted, tx: Transaction) -> None:
    _must_be_theirs(said.reseller_id)
    status = ResellerStatus.AUTHORISED if said.is_verified else ResellerStatus.PROSPECT
    reseller = Reseller(said.reseller_id, said.name, status, said.initial_locale, 1, deps.now())
    await deps.resellers.add(reseller, tx.session)
    created = ResellerCreated(**reseller_facts(reseller))
    await tell(deps, created, place=reseller.id, reason=WHY, sequence=1, transaction=tx)
    log.info("reseller_created", reseller_id=reseller.id)


async def _add_customer(deps: Deps, said: CustomerUpserted, tx: Transaction) -> None:
    if await deps.resellers.get(said.reseller_id, tx.session) is None:
        raise NotYetKnownError("unknown_company")
    tenant = Tenant(
        id=said.tenant_id,
        name=said.name,
        reseller_id=said.reseller_id,
        locale=said.initial_locale,
        reseller_number=said.reseller_number,
        status=TenantStatus.NOT_CONFIGURED,
        created_at=deps.now(),
    )
    await add_tenant(deps, tenant, None, tx)
    log.info("tenant_created", tenant_id=tenant.id, reseller_id=tenant.reseller_id)


def _must_be_theirs(org: str) -> None:
    if not _THEIR_NUMBERS.fullmatch(org):
        raise ForeignRecordError


async def _save(
    deps: Deps, reseller: Reseller, told: Event, reason: str | None, tx: Transaction
) -> None:
    await deps.resellers.save(reseller, was=reseller.version - 1, session=tx.session)
    await tell(
        deps, told, place=reseller.id, reason=reason, sequence=reseller.version, transaction=tx
    )


async def _save_tenant(deps: Deps, tenant: Tenant, told: Event, tx: Transaction) -> None:
    await deps.tenants.save(tenant, was=tenant.version - 1, now=deps.now(), session=tx.session)
    await tell(deps, told, sequence=tenant.version, transaction=tx)
