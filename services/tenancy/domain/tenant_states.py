"""The states of a tenant and what leads from one to another.

not_configured → active ⇄ suspended; each of the three → offboarding → deleted. Offboarding can be
cancelled until the tenant is deleted, and then it is what it was before.
"""

from dataclasses import replace
from datetime import datetime

from services.tenancy.domain.tenants import Tenant, TenantStatus
from shared.contracts.tenancy import PostalAddress
from shared.errors import ConflictError


class TenantStateError(ConflictError):
    code = "tenant_state"

    def __init__(self, status: TenantStatus) -> None:
        super().__init__(f"This can't be done with a tenant that is {status.replace('_', ' ')}.")


def set_up(tenant: Tenant) -> Tenant:
    return _moved(tenant, TenantStatus.ACTIVE, TenantStatus.NOT_CONFIGURED)


def suspended(tenant: Tenant) -> Tenant:
    return _moved(tenant, TenantStatus.SUSPENDED, TenantStatus.ACTIVE)


def resumed(tenant: Tenant) -> Tenant:
    return _moved(tenant, TenantStatus.ACTIVE, TenantStatus.SUSPENDED)


def offboarding(tenant: Tenant, delete_at: datetime) -> Tenant:
    origins = (TenantStatus.NOT_CONFIGURED, TenantStatus.ACTIVE, TenantStatus.SUSPENDED)
    moved = _moved(tenant, TenantStatus.OFFBOARDING, *origins)
    return replace(moved, status_before=tenant.status, delete_at=delete_at)


def staying(tenant: Tenant) -> Tenant:
    before = tenant.status_before or TenantStatus.ACTIVE
    moved = _moved(tenant, before, TenantStatus.OFFBOARDING)
    return replace(moved, status_before=None, delete_at=None)


def deleted(tenant: Tenant) -> Tenant:
    """What is left of it: that there was one of this id, which nobody gets again."""
    moved = _moved(tenant, TenantStatus.DELETED, TenantStatus.OFFBOARDING)
    return replace(
        moved,
        name=tenant.id,
        reseller_number=None,
        aliases=(),
        email_domains=(),
        address=PostalAddress(),
        status_before=None,
        delete_at=None,
        licences=(),
        is_own=False,
        users=0,
        users_with_factor=0,
    )


def transferred(tenant: Tenant, reseller_id: str) -> Tenant:
    """The tenant as another reseller's customer; the same one where it is that already.

    What the former reseller kept about its customer is not handed on; its own tenant is an ordinary
    customer of the new one.
    """
    if tenant.status in {TenantStatus.OFFBOARDING, TenantStatus.DELETED}:
        raise TenantStateError(tenant.status)
    if tenant.reseller_id == reseller_id:
        return tenant
    return replace(
        tenant,
        reseller_id=reseller_id,
        reseller_number=None,
        aliases=(),
        is_own=False,
        version=tenant.version + 1,
    )


def _moved(tenant: Tenant, to: TenantStatus, *origins: TenantStatus) -> Tenant:
    if tenant.status not in origins:
        raise TenantStateError(tenant.status)
    return replace(tenant, status=to, version=tenant.version + 1)
