"""The desk for dead letters over HTTP: the same operations at every service, under its name."""

from datetime import datetime
from typing import Annotated, Any, Protocol, TypeAlias, TypeVar

from pydantic import Field, StringConstraints, model_validator

from shared.access import Permission
from shared.contracts.events import Service
from shared.dead_letter_desk import AT_ONCE, DeadLetterDesk, Done, Outcome
from shared.dead_letters import DeadLetter, Selection
from shared.etags import etag, expected_version
from shared.ids import OPAQUE_PATTERN, VENDOR_PATHS, TypedTenant
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply, Route, get, patch, post


class HasDesk(Protocol):
    """The dependencies of whichever service it is."""

    @property
    def dead_letters(self) -> DeadLetterDesk: ...


D = TypeVar("D", bound=HasDesk)
_Type: TypeAlias = Annotated[str, StringConstraints(max_length=200)]
_Cause: TypeAlias = Annotated[str, StringConstraints(pattern="^[0-9a-f]{12}$")]
_Id: TypeAlias = Annotated[str, StringConstraints(pattern=f"^{OPAQUE_PATTERN}$")]


class CausesQuery(Model):
    tenant_id: TypedTenant | None = None
    type: _Type | None = None


class LettersQuery(PageQuery):
    tenant_id: TypedTenant | None = None
    type: _Type | None = None
    cause: _Cause | None = None


class SelectionBody(Model):
    """Which letters: by id, or all of a tenant, type or cause. At least one must be said."""

    ids: list[_Id] | None = Field(None, min_length=1, max_length=AT_ONCE)
    tenant_id: TypedTenant | None = None
    type: _Type | None = None
    cause: _Cause | None = None
    dry_run: bool = False
    """Only say what would become of them."""

    @model_validator(mode="after")
    def _must_select(self) -> "SelectionBody":
        if self.selection.is_everything:
            raise ValueError("Say which letters: ids, tenant_id, type or cause.")
        if self.ids is not None and Selection(ids=tuple(self.ids)) != self.selection:
            raise ValueError("Say ids or what they have in common, not both.")
        return self

    @property
    def selection(self) -> Selection:
        ids = None if self.ids is None else tuple(self.ids)
        return Selection(ids, self.tenant_id, self.type, self.cause)


class CauseView(Model):
    cause: str
    type: str
    reason: str
    """That of one of these letters."""
    count: int
    first_at: datetime
    last_at: datetime


class CausesView(Model):
    items: list[CauseView]


class LetterView(Model):
    id: str
    type: str
    tenant_id: str | None
    cause: str
    reason: str
    attempts: int
    parked_at: datetime


class FlawView(Model):
    pointer: str
    code: str
    detail: str


class LetterDetailsView(LetterView):
    event: dict[str, Any] | None
    """The CloudEvent; null where the message is none."""
    text: str | None
    """The message where it is no CloudEvent."""
    fits: bool
    """Whether it fits its contract, so that replaying it makes sense."""
    flaws: list[FlawView]


class LettersView(Model):
    items: list[LetterView]
    next_cursor: str | None


class EventChange(Model):
    data: dict[str, Any]
    """The event's whole body as it is to be."""


class OutcomeView(Model):
    id: str
    outcome: Outcome


class DoneView(Model):
    items: list[OutcomeView]
    left: int
    """How many letters of these wait for another such call."""


async def list_causes(call: Call[D, Nothing, CausesQuery]) -> Reply[CausesView]:
    """Count dead letters by cause, the most frequent first."""
    which = Selection(tenant_id=call.query.tenant_id, type=call.query.type)
    found = await call.deps.dead_letters.causes(which)
    return Reply(CausesView(items=[CauseView(**vars(one)) for one in found]))


async def list_newest(call: Call[D, Nothing, LettersQuery]) -> Reply[LettersView]:
    """List dead letters, newest first: events that could not be handled."""
    query = call.query
    which = Selection(None, query.tenant_id, query.type, query.cause)
    position = newest_position(query.cursor)
    found = await call.deps.dead_letters.newest(which, query.limit + 1, position)
    page = cut(found, query.limit, lambda last: newest_cursor(last.parked_at, last.id))
    views = [LetterView(**_view(letter)) for letter in page.items]
    return Reply(LettersView(items=views, next_cursor=page.next_cursor))


async def read(call: Call[D, Nothing, Nothing]) -> Reply[LetterDetailsView]:
    """Read a dead letter with its event."""
    return _details(call.deps.dead_letters, await call.deps.dead_letters.read(call.path["id"]))


async def edit(call: Call[D, EventChange, Nothing]) -> Reply[LetterDetailsView]:
    """Give the event of a dead letter another body, one that fits its contract.

    It stays the same event, about the same thing and organisation.
    """
    desk, version = call.deps.dead_letters, expected_version(call.header("If-Match"))
    return _details(desk, await desk.edit(call.path["id"], call.body.data, version))


async def replay(call: Call[D, SelectionBody, Nothing]) -> Reply[DoneView]:
    """Have dead letters tried again, the oldest first, up to 200 in one call.

    An event keeps its id: however often it is replayed, it has one effect.
    """
    desk, body = call.deps.dead_letters, call.body
    return _done(await desk.replay(body.selection, dry_run=body.dry_run))


async def drop(call: Call[D, SelectionBody, Nothing]) -> Reply[DoneView]:
    """Delete dead letters for good, the oldest first, up to 200 in one call."""
    desk, body = call.deps.dead_letters, call.body
    return _done(await desk.drop(body.selection, dry_run=body.dry_run))


def _view(letter: DeadLetter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in LetterView.model_fields}


def _details(desk: DeadLetterDesk, letter: DeadLetter) -> Reply[LetterDetailsView]:
    event, flaws = letter.event, desk.flaws(letter)
    view = LetterDetailsView(
        **_view(letter),
        event=event.model_dump(mode="json", exclude_none=True) if event else None,
        text=None if event else letter.text,
        fits=flaws == [],
        flaws=[FlawView(**vars(flaw)) for flaw in flaws or ()],
    )
    return Reply(view, headers=etag(letter.version))


def _done(done: Done) -> Reply[DoneView]:
    items = [OutcomeView(id=key, outcome=outcome) for key, outcome in done.outcomes.items()]
    return Reply(DoneView(items=items, left=done.left))


def dead_letter_routes(service: Service) -> list[Route[D]]:
    """The desk of this service, for its table of routes."""
    base, access = f"{VENDOR_PATHS}dead-letters/{service}", Permission.DEAD_LETTER_MANAGE
    return [
        get(base, list_newest, access=access, query=LettersQuery, answers=LettersView),
        get(f"{base}/causes", list_causes, access=access, query=CausesQuery, answers=CausesView),
        post(f"{base}/drop", drop, access=access, body=SelectionBody, answers=DoneView),
        post(f"{base}/replay", replay, access=access, body=SelectionBody, answers=DoneView),
        get(f"{base}/{{id}}", read, access=access, answers=LetterDetailsView),
        patch(
            f"{base}/{{id}}",
            edit,
            access=access,
            body=EventChange,
            answers=LetterDetailsView,
            step_up=True,
        ),
    ]
