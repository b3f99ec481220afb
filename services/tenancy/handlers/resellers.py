"""Resellers, as the vendor manages them and they see themselves."""

from datetime import datetime
from typing import Final

from pydantic import Field, field_validator

from services.tenancy.actions import reseller_states, resellers
from services.tenancy.actions.resellers import NewReseller
from services.tenancy.deps import Deps
from services.tenancy.domain.email_domains import checked_domains
from services.tenancy.domain.resellers import Reseller, ResellerStatus
from services.tenancy.handlers.customers import FirstAdminBody
from services.tenancy.handlers.tenants import Domains
from shared.errors import ForbiddenError
from shared.etags import etag, expected_version
from shared.fields import Locale, TypedName, TypedReason
from shared.ids import VENDOR
from shared.models import Model, Nothing
from shared.paging import PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply

_ORDER: Final = "id"


class ResellersQuery(PageQuery):
    status: ResellerStatus | None = None


class ResellerBody(Model):
    name: TypedName
    locale: Locale = "de"
    primary_user: FirstAdminBody = Field(
        description="Who is invited first, as administrator, and then invites the others."
    )


class ResellerChange(Model):
    """What to change; what is left out stays."""

    name: TypedName | None = None
    locale: Locale | None = None
    email_domains: Domains | None = Field(
        None,
        description="Where there are some, whoever of the staff is invited needs an address there "
        "or at a domain of one of the customers. Each belongs to one organisation.",
    )

    @field_validator("name", "locale", "email_domains", mode="before")
    @classmethod
    def _must_not_be_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("Leave the field out to keep it.")
        return value


class ResellerReason(Model):
    reason: TypedReason


class ResellerView(Model):
    id: str
    name: str
    status: ResellerStatus
    locale: str
    created_at: datetime
    email_domains: list[str]


class ResellersView(Model):
    items: list[ResellerView]
    next_cursor: str | None


async def list_all(call: Call[Deps, Nothing, ResellersQuery]) -> Reply[ResellersView]:
    """List all resellers; only the vendor's people may."""
    if call.caller.place != VENDOR:
        raise ForbiddenError
    query = call.query
    after = read_cursor(query.cursor, _ORDER, 1)
    found = await resellers.list_resellers(
        call.deps, query.status, after[0] if after else None, query.limit
    )
    page = cut(found, query.limit, lambda last: write_cursor(_ORDER, last.id))
    return Reply(ResellersView(items=list(map(_view, page.items)), next_cursor=page.next_cursor))


async def create(call: Call[Deps, ResellerBody, Nothing]) -> Reply[ResellerView]:
    """Make a new prospect and invite its primary user."""
    body = call.body
    wanted = NewReseller(
        name=body.name, locale=body.locale, primary_user=body.primary_user.invited(body.locale)
    )
    made = await resellers.set_up_reseller(call.deps, wanted)
    location = f"/v1/resellers/{made.id}"
    return Reply(_view(made), status=201, headers={**etag(made.version), "Location": location})


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[ResellerView]:
    """Read a reseller."""
    return _answer(await resellers.read_reseller(call.deps, call.path["rid"]))


async def edit(call: Call[Deps, ResellerChange, Nothing]) -> Reply[ResellerView]:
    """Change a reseller's name, language or e-mail domains."""
    domains = call.body.email_domains
    edit = resellers.ResellerEdit(
        name=call.body.name,
        locale=call.body.locale,
        email_domains=None if domains is None else checked_domains(domains),
    )
    was = expected_version(call.header("If-Match"))
    edited = await resellers.edit_reseller(call.deps, call.path["rid"], edit, was=was)
    return _answer(edited)


async def authorise(call: Call[Deps, ResellerReason, Nothing]) -> Reply[ResellerView]:
    """Let a prospect have customers and order licences."""
    moved = await reseller_states.authorise_reseller(call.deps, call.path["rid"], call.body.reason)
    return _answer(moved)


async def suspend(call: Call[Deps, ResellerReason, Nothing]) -> Reply[ResellerView]:
    """Close an authorised reseller: its staff is signed out at once and can't sign in."""
    return _answer(
        await reseller_states.suspend_reseller(call.deps, call.path["rid"], call.body.reason)
    )


async def resume(call: Call[Deps, ResellerReason, Nothing]) -> Reply[ResellerView]:
    """Open a suspended reseller again."""
    return _answer(
        await reseller_states.resume_reseller(call.deps, call.path["rid"], call.body.reason)
    )


async def terminate(call: Call[Deps, ResellerReason, Nothing]) -> Reply[ResellerView]:
    """Close a reseller for good."""
    moved = await reseller_states.terminate_reseller(call.deps, call.path["rid"], call.body.reason)
    return _answer(moved)


def _answer(reseller: Reseller) -> Reply[ResellerView]:
    return Reply(_view(reseller), headers=etag(reseller.version))


def _view(reseller: Reseller) -> ResellerView:
    return ResellerView(
        id=reseller.id,
        name=reseller.name,
        status=reseller.status,
        locale=reseller.locale,
        created_at=reseller.created_at,
        email_domains=list(reseller.email_domains),
    )
