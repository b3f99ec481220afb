"""Lost second factors: an admin asks, the owner stops it by a mail's link; and the roll-out."""

from datetime import date, datetime

from pydantic import Field

from services.auth.actions import lost_factor, roll_out
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status
from services.auth.domain.deadlines import Compulsion, deadline_of
from services.auth.handlers.bodies import Token
from services.auth.handlers.users import org_of
from shared.fields import TypedReason
from shared.formats import TypedDay
from shared.models import Model, Nothing
from shared.paging import PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply

_ORDER = "username"


class ResetFactorBody(Model):
    reason: TypedReason = Field(examples=["Phone lost; called back on the number we have."])


class FactorResetView(Model):
    id: str
    account_id: str
    reason: str
    asked_at: datetime
    due_at: datetime = Field(description="Until then the owner of the account may stop it.")


class StopResetBody(Model):
    token: Token = Field(description="Of the link in the mail that announced the reset.")


class RollOutQuery(PageQuery):
    on: TypedDay | None = Field(
        None, description="The day to look at, to its end in UTC; else today."
    )


class WithoutFactorView(Model):
    id: str
    username: str
    display_name: str
    label: str | None
    status: Status
    deadline: datetime
    is_locked_out: bool = Field(
        description="Whether it can do nothing but activate a second factor by the end of that day."
    )


class RollOutView(Model):
    on: date
    required_from: datetime
    users: int = Field(description="Users with a role, disabled ones left out.")
    without_factor: int
    locked_out: int
    items: list[WithoutFactorView] = Field(description="Who has no factor, by user name.")
    next_cursor: str | None


async def ask(call: Call[Deps, ResetFactorBody, Nothing]) -> Reply[FactorResetView]:
    """Have a user's lost second factor taken off, after a wait in which the user may stop it."""
    uid, reason = call.path["uid"], call.body.reason
    reset = await lost_factor.ask_reset(call.deps, call.caller, uid, reason)
    view = FactorResetView(
        id=reset.id,
        account_id=reset.account_id,
        reason=reset.reason,
        asked_at=reset.asked_at,
        due_at=reset.due_at,
    )
    return Reply(view, status=202)


async def stop(call: Call[Deps, StopResetBody, Nothing]) -> Reply[Nothing]:
    """Keep the own second factor that an admin wants to take off."""
    await lost_factor.stop_reset(call.deps, call.body.token)
    return Reply(status=204)


async def report(call: Call[Deps, Nothing, RollOutQuery]) -> Reply[RollOutView]:
    """Report who has no second factor, and who would be locked out on a date."""
    query, org = call.query, org_of(call.path)
    on = query.on or call.deps.now().date()
    after = read_cursor(query.cursor, _ORDER, 1)
    found = await roll_out.report(call.deps, org, on, after[0] if after else None, query.limit)
    page = cut(found.items, query.limit, lambda last: write_cursor(_ORDER, last.username))
    items = [_line(account, found.compulsion, found.until) for account in page.items]
    view = RollOutView(
        on=on,
        required_from=found.compulsion.required_from,
        users=found.users,
        without_factor=found.without_factor,
        locked_out=found.locked_out,
        items=items,
        next_cursor=page.next_cursor,
    )
    return Reply(view)


def _line(account: Account, compulsion: Compulsion, until: datetime) -> WithoutFactorView:
    deadline = deadline_of(account, compulsion)
    return WithoutFactorView(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        label=account.label,
        status=account.status,
        deadline=deadline,
        is_locked_out=deadline <= until,
    )
