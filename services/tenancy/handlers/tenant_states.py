"""Moving a tenant from state to state; none of it is the tenant's own to do."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel, Field

from services.tenancy.actions import offboarding, tenant_states
from services.tenancy.actions.transfer import transfer_tenant
from services.tenancy.deps import Deps
from services.tenancy.domain.tenants import Tenant
from services.tenancy.handlers.customers import FirstAdminBody
from services.tenancy.handlers.tenants import TenantView, answer
from shared.errors import ForbiddenError
from shared.etags import expected_version
from shared.fields import TypedReason
from shared.ids import TypedOrg
from shared.models import Model, Nothing
from shared.routing import Call, Reply

B = TypeVar("B", bound=BaseModel)


class SetUpBody(Model):
    admin: FirstAdminBody | None = Field(None, description="Who is invited to manage the tenant.")


class TenantReason(Model):
    reason: TypedReason = Field(description="The tenant's administrators read it too.")


class TransferBody(Model):
    reseller_id: TypedOrg = Field(examples=["100002.rsp"])
    reason: TypedReason = Field(description="Both resellers and the tenant's admins read it.")


async def set_up(call: Call[Deps, SetUpBody, Nothing]) -> Reply[TenantView]:
    """Set up a tenant that was only known so far."""
    admin = call.body.admin
    tenant_id, was = _foreign(call)
    tenant = await tenant_states.set_up_tenant(
        call.deps, tenant_id, was=was, invited=admin.invited if admin else None
    )
    return answer(tenant, call.deps.now())


async def suspend(call: Call[Deps, TenantReason, Nothing]) -> Reply[TenantView]:
    """Suspend a tenant: its users are signed out at once and can't sign in."""
    return await _move(call, tenant_states.suspend_tenant)


async def resume(call: Call[Deps, TenantReason, Nothing]) -> Reply[TenantView]:
    """Let the users of a suspended tenant sign in again."""
    return await _move(call, tenant_states.resume_tenant)


async def offboard(call: Call[Deps, TenantReason, Nothing]) -> Reply[TenantView]:
    """Close a tenant and have it deleted after a while, with all that it has."""
    return await _move(call, offboarding.begin_offboarding)


async def cancel_offboarding(call: Call[Deps, TenantReason, Nothing]) -> Reply[TenantView]:
    """Keep a tenant that was to be deleted."""
    return await _move(call, offboarding.cancel_offboarding)


async def transfer(call: Call[Deps, TransferBody, Nothing]) -> Reply[TenantView]:
    """Move a customer to another reseller.

    The former reseller is out at once, and what it gave out in the tenant ends: open invitations
    and API keys. Licences keep their ids and go along.
    """
    moved = await transfer_tenant(
        call.deps, call.path["tid"], call.body.reseller_id, call.body.reason
    )
    return answer(moved, call.deps.now())


async def _move(
    call: Call[Deps, TenantReason, Nothing], move: Callable[..., Awaitable[Tenant]]
) -> Reply[TenantView]:
    tenant_id, was = _foreign(call)
    moved = await move(call.deps, tenant_id, was=was, reason=call.body.reason)
    return answer(moved, call.deps.now())


def _foreign(call: Call[Deps, B, Nothing]) -> tuple[str, int]:
    """The tenant, which is not the caller's own, and the version of it that the caller read."""
    if call.caller.org == call.path["tid"]:
        raise ForbiddenError
    return call.path["tid"], expected_version(call.header("If-Match"))
