"""Returned mails, and the addresses that get none any more."""

from datetime import datetime
from typing import Final

from pydantic import Field

from services.mailer.actions.bounces import lift_suppression, list_suppressions, take_report
from services.mailer.deps import Deps
from services.mailer.domain.bounces import Suppression
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply

_LONGEST: Final = 60_000


class BounceBody(Model):
    message: str = Field(min_length=1, max_length=_LONGEST)
    """The returned mail as it came, headers and all (RFC 3464)."""


class BounceView(Model):
    """How many of the recipients that the message names are suppressed because of it."""

    recipients: int
    taken: int


class SuppressionView(Model):
    id: str
    address: str
    mail_id: str
    status: str
    diagnostic: str
    created_at: datetime


class SuppressionsView(Model):
    items: list[SuppressionView]
    next_cursor: str | None


async def take(call: Call[Deps, BounceBody, Nothing]) -> Reply[BounceView]:
    """Take in a returned mail: an address that is refused for good gets no more mails."""
    taken = await take_report(call.deps, call.body.message.encode())
    return Reply(BounceView(recipients=len(taken), taken=sum(taken)))


async def list_newest(call: Call[Deps, Nothing, PageQuery]) -> Reply[SuppressionsView]:
    """List the addresses that get no mails, newest first, each with what its server said."""
    query = call.query
    found = await list_suppressions(call.deps, newest_position(query.cursor), query.limit)
    page = cut(found, query.limit, lambda last: newest_cursor(last.created_at, last.id))
    return Reply(SuppressionsView(items=list(map(_view, page.items)), next_cursor=page.next_cursor))


async def lift(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Let mails go to the address again."""
    await lift_suppression(call.deps, call.path["id"])
    return Reply(status=204)


def _view(suppression: Suppression) -> SuppressionView:
    return SuppressionView(
        id=suppression.id,
        address=suppression.address,
        mail_id=suppression.mail_id,
        status=suppression.status,
        diagnostic=suppression.diagnostic,
        created_at=suppression.created_at,
    )
