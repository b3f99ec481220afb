"""How far the roll-out of second factors has come in an organisation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.auth.actions.compulsion import compulsion_in
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.deadlines import Compulsion
from shared.errors import FieldError, InvalidError


@dataclass(frozen=True)
class RollOut:
    """Counts over all users with a role, and one more item than asked for where there are more."""

    compulsion: Compulsion
    until: datetime
    users: int
    without_factor: int
    locked_out: int
    items: list[Account]


async def report(deps: Deps, org: str, on: date, after: str | None, limit: int) -> RollOut:
    """As it would be at the end of this day (UTC) if nobody did anything until then."""
    until, compulsion = _end_of(on), await compulsion_in(deps, org)
    users = deps.roll_out
    return RollOut(
        compulsion=compulsion,
        until=until,
        users=await users.count(org),
        without_factor=await users.count_without(org),
        locked_out=await users.count_locked_out(org, compulsion, until),
        items=await users.without(org, after, limit + 1),
    )


def _end_of(day: date) -> datetime:
    try:
        return datetime.combine(day, time(tzinfo=UTC)) + timedelta(days=1)
    except OverflowError as error:
        flaw = FieldError("#/query/on", "date", "This date is too far away.")
        raise InvalidError(fields=[flaw]) from error
