"""What was delivered to a webhook, and delivering it again."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from services.tenancy.actions import delivery_log
from services.tenancy.actions.delivery_log import Range
from services.tenancy.deps import Deps
from services.tenancy.domain.deliveries import Delivery, DeliveryState, Reason
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply

_Instant = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]


class DeliveriesQuery(PageQuery):
    state: DeliveryState | None = None


class AttemptView(Model):
    at: datetime
    status_code: int | None
    reason: Reason | None = Field(description="`null` where it was taken.")


class DeliveryView(Model):
    id: str
    event_id: str = Field(description="The `webhook-id` that it is sent with, each time.")
    event_type: str
    place: str = Field(description="The organisation that it happened in.")
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    attempts: int = Field(description="Since it last began to wait.")
    status_code: int | None = Field(description="What the receiver answered last.")
    reason: Reason | None
    history: list[AttemptView] = Field(description="The last 20 attempts, the oldest first.")


class DeliveriesView(Model):
    items: list[DeliveryView]
    next_cursor: str | None


class ReplayBody(Model):
    since: _Instant = Field(description="What happened from then on,")
    until: _Instant = Field(description="and before then.", examples=["2026-03-11T00:00:00Z"])
    types: list[str] | None = Field(
        None, min_length=1, max_length=100, description="Only these of the webhook's types."
    )


class ReplayView(Model):
    count: int = Field(description="How many events are delivered (again).")


async def list_newest(call: Call[Deps, Nothing, DeliveriesQuery]) -> Reply[DeliveriesView]:
    """List what was delivered to a webhook in the last 30 days, or waits, newest first."""
    query = call.query
    found = await delivery_log.list_deliveries(
        call.deps,
        call.path["rid"],
        call.path["wid"],
        query.state,
        newest_position(query.cursor),
        query.limit,
    )
    page = cut(found, query.limit, lambda last: newest_cursor(last.created_at, last.id))
    items = [view_of(one) for one in page.items]
    return Reply(DeliveriesView(items=items, next_cursor=page.next_cursor))


async def retry(call: Call[Deps, Nothing, Nothing]) -> Reply[DeliveryView]:
    """Deliver one event again, at once; whatever became of it so far."""
    again = await delivery_log.retry_delivery(
        call.deps, call.path["rid"], call.path["wid"], call.path["id"]
    )
    return Reply(view_of(again))


async def replay(call: Call[Deps, ReplayBody, Nothing]) -> Reply[ReplayView]:
    """Deliver all that happened in a while to a webhook again, up to 1,000 events.

    Also what it was delivered before, under the same `webhook-id`, and what happened while it was
    ended. Events are kept for 30 days, from the reseller's first webhook on.
    """
    given = call.body
    types = None if given.types is None else frozenset(given.types)
    which = Range(given.since, given.until, types)
    count = await delivery_log.replay(call.deps, call.path["rid"], call.path["wid"], which)
    return Reply(ReplayView(count=count))


def view_of(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=delivery.id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        place=delivery.place,
        state=delivery.state,
        created_at=delivery.created_at,
        next_attempt_at=delivery.due_at,
        delivered_at=delivery.delivered_at,
        attempts=delivery.attempts,
        status_code=delivery.status_code,
        reason=delivery.reason,
        history=[
            AttemptView(at=one.at, status_code=one.status_code, reason=one.reason)
            for one in delivery.history
        ],
    )
