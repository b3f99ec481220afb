"""What a customer lets its reseller do, and who was there."""

from typing import Annotated

from pydantic import Field

from services.tenancy.actions import delegation
from services.tenancy.deps import Deps
from services.tenancy.domain.delegation import Delegation, Level
from shared.etags import etag, expected_version
from shared.fields import TypedComment
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class DelegationChange(Model):
    level: Level = Field(
        description="`full` leaves it to the staff's roles, `read_only` lets them look and change "
        "nothing, `none` closes the inside. Customers stay listed and licences manageable through "
        "the reseller's own paths in any case."
    )
    reason: Annotated[TypedComment, Field(min_length=1)] | None = None


class DelegationView(Model):
    level: Level


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[DelegationView]:
    """Read what a customer lets its reseller do day by day."""
    return _answer(await delegation.read_delegation(call.deps, call.path["tid"]))


async def change(call: Call[Deps, DelegationChange, Nothing]) -> Reply[DelegationView]:
    """Limit the reseller, or open up again; only the customer itself does that.

    What the reseller's people made here and could not make any more ends: API keys that may do
    more than is left to them, and open invitations.
    """
    changed = await delegation.limit_delegation(
        call.deps,
        call.path["tid"],
        by_org=call.caller.org,
        was=expected_version(call.header("If-Match")),
        level=call.body.level,
        reason=call.body.reason,
    )
    return _answer(changed)


def _answer(found: Delegation) -> Reply[DelegationView]:
    return Reply(DelegationView(level=found.level), headers=etag(found.version))
