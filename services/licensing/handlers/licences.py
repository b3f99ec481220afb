"""A tenant's licences."""

from datetime import date, datetime

from services.licensing.actions.licences import list_licences, read_licence
from services.licensing.deps import Deps
from services.licensing.domain.licences import Licence, LicenceModel, LicenceState, state
from services.licensing.handlers.pages import newest_cursor, newest_position
from shared.models import Model, Nothing
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply


class LicenceView(Model):
    id: str
    product: str
    model: LicenceModel
    seats: int
    state: LicenceState
    starts_on: date
    ends_on: date
    reseller_id: str
    created_at: datetime


class LicenceDetailsView(LicenceView):
    key: str


class LicencesView(Model):
    items: list[LicenceView]
    next_cursor: str | None


async def list_newest(call: Call[Deps, Nothing, PageQuery]) -> Reply[LicencesView]:
    """List the licences, newest first."""
    after = newest_position(call.query.cursor)
    found = await list_licences(call.deps, call.path["tid"], after, call.query.limit)
    page = cut(found, call.query.limit, lambda last: newest_cursor(last.created_at, last.id))
    now = call.deps.now()
    items = [_view(licence, now) for licence in page.items]
    return Reply(LicencesView(items=items, next_cursor=page.next_cursor))


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[LicenceDetailsView]:
    """Read a licence, with its key."""
    licence = await read_licence(call.deps, call.path["tid"], call.path["lid"])
    shown = _view(licence, call.deps.now())
    return Reply(LicenceDetailsView(**shown.model_dump(), key=licence.key))


def _view(licence: Licence, now: datetime) -> LicenceView:
    return LicenceView(
        id=licence.id,
        product=licence.product,
        model=licence.model,
        seats=licence.seats,
        state=state(licence, now),
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
        reseller_id=licence.reseller_id,
        created_at=licence.created_at,
    )
