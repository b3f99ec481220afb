"""The vendor's support in a tenant: who entered, why, until when."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from services.tenancy.actions import support_access
from services.tenancy.deps import Deps
from services.tenancy.domain.support_access import LONGEST, SHORTEST, SupportAccess
from shared.fields import TypedComment
from shared.formats import AsDuration
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class SupportAccessBody(Model):
    reason: Annotated[TypedComment, Field(min_length=1)]
    duration: Annotated[timedelta, Field(ge=SHORTEST, le=LONGEST), AsDuration] = Field(
        examples=["PT4H"], description="From PT5M to P5D."
    )


class SupportAccessView(Model):
    id: str
    account: str
    reason: str
    begins_at: datetime
    ends_at: datetime


class SupportAccessesView(Model):
    items: list[SupportAccessView]


async def enter(call: Call[Deps, SupportAccessBody, Nothing]) -> Reply[SupportAccessView]:
    """Enter a tenant as the vendor's support; the customer sees who, why and until when."""
    made = await support_access.enter(
        call.deps,
        call.path["tid"],
        by_org=call.caller.org,
        account=call.caller.subject,
        reason=call.body.reason,
        stay=call.body.duration,
    )
    return Reply(_view(made), status=201)


async def list_all(call: Call[Deps, Nothing, Nothing]) -> Reply[SupportAccessesView]:
    """List the latest 200 times that the vendor's support entered, newest first."""
    found = await support_access.list_support_accesses(call.deps, call.path["tid"])
    return Reply(SupportAccessesView(items=[_view(one) for one in found]))


async def end(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Show the vendor's support out; only the customer does that."""
    await support_access.end_support_access(
        call.deps, call.path["tid"], call.path["id"], by_org=call.caller.org
    )
    return Reply(status=204)


def _view(access: SupportAccess) -> SupportAccessView:
    return SupportAccessView(
        id=access.id,
        account=access.account,
        reason=access.reason,
        begins_at=access.begins_at,
        ends_at=access.ends_at,
    )
