"""What is done to licences, by their reseller and by the vendor.

Each verb is there twice: at the customer's tenant and at the reseller's own path, because a tenant
whose last licence has ended is closed to its reseller just when it is to be renewed.
"""

from typing import Annotated, Any, TypeVar

from pydantic import Field, model_validator

from services.licensing.actions.licence_keys import new_key
from services.licensing.actions.manage import Change, Rule, change_licence, transfer_licence
from services.licensing.deps import Deps
from services.licensing.domain import changes
from services.licensing.domain.ledger import Act
from services.licensing.domain.licences import Licence
from services.licensing.domain.renewals import RenewalStart, extended, renewed
from services.licensing.handlers.licences import LicenceView, Months, Seats, licence_view, whose
from shared.errors import ForbiddenError
from shared.etags import etag, expected_version
from shared.fields import TypedComment
from shared.formats import AsWhole, TypedDay
from shared.ids import VENDOR, TypedOrg
from shared.models import Model, Nothing
from shared.routing import Call, Reply


class ReasonBody(Model):
    reason: TypedComment | None = None


R = TypeVar("R", bound=ReasonBody)


class RenewBody(ReasonBody):
    term_months: Months
    start: RenewalStart = Field(RenewalStart.NOW_IF_EXPIRED, alias="from")


class ResizeBody(ReasonBody):
    seats: Seats


class CancelBody(ReasonBody):
    ends_on: TypedDay | None = Field(None, description="The last day; without it, it ends at once.")


class ConvertBody(ReasonBody):
    """What a trial becomes: with seats and months a bought term, without both billed by use."""

    term_months: Months | None = None
    seats: Seats | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "ConvertBody":
        if (self.term_months is None) != (self.seats is None):
            raise ValueError("Give seats and term_months, or none of them.")
        return self


class EntitleBody(ReasonBody):
    feature: str = Field(max_length=64)
    ends_on: TypedDay | None = Field(
        None, description="Its last day; without it, it ends with the licence."
    )


class CarryOverBody(ReasonBody):
    free_units: Annotated[int, Field(ge=0, le=100_000, strict=True), AsWhole]
    free_until: TypedDay = Field(description="The last day on which they are free.")


class TransferBody(ReasonBody):
    tenant_id: TypedOrg


async def renew(call: Call[Deps, RenewBody, Nothing]) -> Reply[LicenceView]:
    """Renew a licence for another term."""
    body = call.body
    return await _change(
        call, Act.RENEWED, lambda found, now: renewed(found, body.term_months, body.start, now)
    )


async def resize(call: Call[Deps, ResizeBody, Nothing]) -> Reply[LicenceView]:
    """Change the number of seats, down to those in use."""
    seats = call.body.seats
    return await _change(call, Act.RESIZED, lambda found, now: changes.resized(found, seats, now))


async def suspend(call: Call[Deps, ReasonBody, Nothing]) -> Reply[LicenceView]:
    """Suspend a licence: from the next call on it is not valid, until it is resumed."""
    return await _change(call, Act.SUSPENDED, changes.suspended)


async def resume(call: Call[Deps, ReasonBody, Nothing]) -> Reply[LicenceView]:
    """Resume a suspended licence."""
    return await _change(call, Act.RESUMED, changes.resumed)


async def revoke(call: Call[Deps, ReasonBody, Nothing]) -> Reply[LicenceView]:
    """Take a licence back, at once and for good."""
    return await _change(call, Act.REVOKED, changes.revoked)


async def cancel(call: Call[Deps, CancelBody, Nothing]) -> Reply[LicenceView]:
    """Cancel a licence for good, at once or after a last day."""
    day = call.body.ends_on
    return await _change(call, Act.CANCELLED, lambda found, now: changes.cancelled(found, day, now))


async def extend(call: Call[Deps, ReasonBody, Nothing]) -> Reply[LicenceView]:
    """Extend a trial by 30 days, at most twice."""
    return await _change(call, Act.EXTENDED, extended)


async def convert(call: Call[Deps, ConvertBody, Nothing]) -> Reply[LicenceView]:
    """Buy what was tried."""
    months, seats = call.body.term_months, call.body.seats
    return await _change(
        call, Act.CONVERTED, lambda found, now: changes.bought(found, months, seats, now)
    )


async def entitle(call: Call[Deps, EntitleBody, Nothing]) -> Reply[LicenceView]:
    """Give a licence a feature, or let it have one up to a day; for the vendor alone."""
    if call.caller.org != VENDOR:
        raise ForbiddenError
    feature, day = call.body.feature, call.body.ends_on
    return await _change(
        call, Act.ENTITLED, lambda found, now: changes.entitled(found, feature, day, now)
    )


async def carry_over(call: Call[Deps, CarryOverBody, Nothing]) -> Reply[LicenceView]:
    """Let devices of a licence that is billed by use be free for the rest of a term paid before.

    For the vendor alone.
    """
    if call.caller.org != VENDOR:
        raise ForbiddenError
    units, until = call.body.free_units, call.body.free_until
    return await _change(
        call, Act.CARRIED_OVER, lambda found, now: changes.carried_over(found, units, until, now)
    )


async def transfer(call: Call[Deps, TransferBody, Nothing]) -> Reply[LicenceView]:
    """Give a licence without devices to another customer of the same reseller, under a new key."""
    tenant_id, key = call.body.tenant_id, new_key()
    change = _wanted(
        call,
        Act.TRANSFERRED,
        lambda found, now: changes.transferred(found, tenant_id, key, now),
    )
    licence = await transfer_licence(
        call.deps, await whose(call), call.path["lid"], tenant_id, change
    )
    return _reply(call, licence)


async def _change(call: Call[Deps, R, Nothing], act: Act, rule: Rule) -> Reply[LicenceView]:
    change = _wanted(call, act, rule)
    licence = await change_licence(call.deps, await whose(call), call.path["lid"], change)
    return _reply(call, licence)


def _wanted(call: Call[Deps, R, Nothing], act: Act, rule: Rule) -> Change:
    if_match = call.header("If-Match")
    return Change(
        act=act,
        rule=rule,
        reason=call.body.reason or None,
        was=expected_version(if_match) if if_match is not None else None,
    )


def _reply(call: Call[Deps, Any, Nothing], licence: Licence) -> Reply[LicenceView]:
    return Reply(licence_view(licence, call.deps.now()), headers=etag(licence.version))
