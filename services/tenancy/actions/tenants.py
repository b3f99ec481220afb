"""Making, reading and editing tenants."""

import secrets
from typing import Any, Final

import structlog

from services.tenancy.actions.tell import tell
from services.tenancy.deps import Deps
from services.tenancy.domain.email_domains import DomainTakenError
from services.tenancy.domain.resellers import ResellerNotAuthorisedError
from services.tenancy.domain.tenants import Tenant, TenantEdit
from shared.contracts.tenancy import FirstAdmin, TenantCreated, TenantEdited
from shared.errors import NotFoundError, PreconditionError
from shared.mongo.collection import Session
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()
SUFFIX: Final = "sms"
_TRIES_PER_LENGTH: Final = 20


async def create_tenant(
    deps: Deps,
    *,
    tenant_id: str,
    name: str,
    reseller_id: str,
    locale: str,
    reseller_number: str | None = None,
) -> bool:
    """Assign a new tenant to a reseller; False, and nothing changed, where there is one of this id.

    ResellerNotAuthorisedError where the reseller may have no new customers.
    """
    tenant = Tenant(
        id=tenant_id,
        name=name,
        reseller_id=reseller_id,
        locale=locale,
        reseller_number=reseller_number,
        created_at=deps.now(),
    )

    async def act(transaction: Transaction) -> None:
        await add_tenant(deps, tenant, None, transaction)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return False
    log.info("tenant_created", tenant_id=tenant_id, reseller_id=reseller_id)
    return True


async def add_tenant(
    deps: Deps, tenant: Tenant, first_admin: FirstAdmin | None, transaction: Transaction
) -> None:
    """Keep a new tenant of an authorised reseller, and tell of it.

    ResellerNotAuthorisedError, DomainTakenError; DuplicateKeyError where its id is taken.
    """
    reseller = await deps.resellers.get(tenant.reseller_id, transaction.session)
    if reseller is None or not reseller.is_authorised:
        raise ResellerNotAuthorisedError
    await deps.tenants.add(tenant, deps.now(), transaction.session)
    if not await deps.email_domains.assign(tenant.id, tenant.email_domains, transaction.session):
        raise DomainTakenError
    created = TenantCreated(
        tenant_id=tenant.id,
        name=tenant.name,
        reseller_id=tenant.reseller_id,
        locale=tenant.locale,
        order_id=tenant.order_id,
        first_admin=first_admin,
        reseller_number=tenant.reseller_number,
        status=tenant.status,
        sandbox=tenant.sandbox,
        own_tenant=tenant.is_own,
        email_domains=list(tenant.email_domains),
    )
    await tell(deps, created, sequence=tenant.version, transaction=transaction)


async def free_tenant_id(deps: Deps, session: Session) -> str:
    """An id that nobody can foretell and nobody has; six digits, more when those grow scarce.

    The unique index has the last word: who loses a race is tried again with another number.
    """
    digits = 6
    while True:
        for _ in range(_TRIES_PER_LENGTH):
            number = 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))
            candidate = f"{number}.{SUFFIX}"
            if await deps.tenants.get(candidate, session) is None:
                return candidate
        digits += 1


async def read_tenant(deps: Deps, tenant_id: str, session: Session | None = None) -> Tenant:
    """One answer for a tenant that was deleted and for one that never was."""
    tenant = await deps.tenants.get(tenant_id, session)
    if tenant is None or tenant.is_deleted:
        raise NotFoundError
    return tenant


async def edit_tenant(deps: Deps, tenant_id: str, edit: TenantEdit, *, was: int) -> Tenant:
    """Change what is given, if the tenant is still at the version that the caller read."""

    async def act(transaction: Transaction) -> Tenant:
        session = transaction.session
        tenant = await read_tenant(deps, tenant_id, session)
        if tenant.version != was:
            raise PreconditionError
        edited = edit.of(tenant)
        if edited is tenant:
            return tenant
        if (edited.name, edited.reseller_number) != (tenant.name, tenant.reseller_number):
            await deps.synced.must_not_be_theirs(tenant_id, transaction)
        if not await deps.email_domains.assign(tenant_id, edited.email_domains, session):
            raise DomainTakenError
        await deps.tenants.save(edited, was=was, now=deps.now(), session=session)
        await tell(deps, told_edited(edited), sequence=edited.version, transaction=transaction)
        return edited

    try:
        edited = await deps.transact(act)
    except DuplicateKeyError as error:
        raise DomainTakenError from error
    log.info("tenant_edited", tenant_id=tenant_id, version=edited.version)
    return edited


def told_edited(tenant: Tenant) -> TenantEdited:
    return TenantEdited(
        tenant_id=tenant.id,
        name=tenant.name,
        locale=tenant.locale,
        status=tenant.status,
        reseller_number=tenant.reseller_number,
        address=tenant.address,
        email_domains=list(tenant.email_domains),
    )


def facts(tenant: Tenant) -> dict[str, Any]:
    """The fields that events about a tenant share."""
    return {
        "tenant_id": tenant.id,
        "name": tenant.name,
        "reseller_id": tenant.reseller_id,
        "locale": tenant.locale,
        "status": tenant.status.value,
    }
