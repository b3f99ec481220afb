"""What became of the Reseller Portal's messages."""

from datetime import datetime

from services.tenancy.actions.sync_log import list_messages
from services.tenancy.deps import Deps
from services.tenancy.domain.sync import Outcome, SyncMessage
from shared.ids import TypedReseller
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply


class SyncMessagesQuery(PageQuery):
    outcome: Outcome | None = None
    reseller_id: TypedReseller | None = None


class SyncMessageView(Model):
    """What a message was about is as the message says; a rejected one waits in `sync.rejected`."""

    id: str
    message_id: str
    message_type: str
    record: str
    reseller_id: str | None
    outcome: Outcome
    reason: str | None
    detail: str | None
    at: datetime


class SyncMessagesView(Model):
    items: list[SyncMessageView]
    next_cursor: str | None


async def list_newest(call: Call[Deps, Nothing, SyncMessagesQuery]) -> Reply[SyncMessagesView]:
    """List the Reseller Portal's messages of the last 90 days, newest first, with what became of
    each.
    """
    query = call.query
    position = newest_position(query.cursor)
    found = await list_messages(call.deps, query.outcome, query.reseller_id, position, query.limit)
    page = cut(found, query.limit, lambda last: newest_cursor(last.created_at, last.id))
    views = [_view(message) for message in page.items]
    return Reply(SyncMessagesView(items=views, next_cursor=page.next_cursor))


def _view(message: SyncMessage) -> SyncMessageView:
    return SyncMessageView(
        id=message.id,
        message_id=message.message_id,
        message_type=message.message_type,
        record=message.record,
        reseller_id=message.reseller_id,
        outcome=message.outcome,
        reason=message.reason,
        detail=message.detail,
        at=message.created_at,
    )
