"""The users of a tenant, the staff of a reseller and the vendor's: one resource in three kinds of
place.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field, field_validator

from services.auth.actions import edit_user, primary_user, user_states, users
from services.auth.actions.invite import NewUser
from services.auth.deps import Deps
from services.auth.domain.accounts import Account, Status, username_key
from services.auth.domain.users import LabelFilter, RoleFilter, UserFilter, UserManager, UserOrder
from shared.access import Role
from shared.etags import etag, expected_version
from shared.fields import Locale, TypedComment, TypedEmail, TypedName, TypedUsername
from shared.folding import folded
from shared.ids import VENDOR, TypedId
from shared.models import Model, Nothing
from shared.paging import PageQuery, cut, read_cursor, write_cursor
from shared.routing import Call, Reply


class UsersQuery(PageQuery):
    search: str | None = Field(
        None, max_length=200, description="Start of a user name or of a name."
    )
    status: Status | None = None
    role: RoleFilter | None = None
    totp_active: bool | None = Field(
        None, description="With or without a second factor, be it an app or a passkey."
    )
    label: LabelFilter | None = None
    sort: UserOrder = UserOrder.USERNAME


class UserView(Model):
    id: str
    org: str
    username: str
    email: str
    display_name: str
    locale: str = Field(examples=["de"])
    roles: list[str] = Field(examples=[["admin"]])
    label: str | None = Field(description="`RSP` where the account lives in the Reseller Portal.")
    status: Status
    totp_active: bool = Field(
        description="Whether there is a second factor: an authenticator app or a passkey."
    )
    created_at: datetime
    last_sign_in_at: datetime | None
    comment: str
    primary_user: bool = Field(
        description="Whether it is the reseller's one primary user, who invites the others."
    )


class UsersView(Model):
    items: list[UserView]
    next_cursor: str | None


class UserBody(Model):
    username: TypedUsername = Field(examples=["erika"])
    email: TypedEmail = Field(examples=["erika@example.com"])
    display_name: TypedName | None = Field(None, examples=["Erika Mustermann"])
    locale: Locale | None = Field(
        None, description="Of mails and the portal; else the organisation's.", examples=["de"]
    )
    roles: list[Role] = Field(
        [],
        max_length=8,
        description="Who has none holds a device and can't sign in.",
        examples=[["auditor"]],
    )
    comment: TypedComment = ""


class PrimaryUserBody(Model):
    user_id: TypedId = Field(description="An active administrator.")


class UserChange(Model):
    """What to change; what is left out stays."""

    email: TypedEmail | None = Field(None, examples=["erika@example.com"])
    display_name: TypedName | None = Field(None, examples=["Erika Mustermann"])
    locale: Locale | None = None
    roles: list[Role] | None = Field(None, max_length=8, examples=[["admin"]])
    comment: TypedComment | None = None

    @field_validator("email", "display_name", "locale", "roles", "comment", mode="before")
    @classmethod
    def _must_not_be_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("Leave the field out to keep it.")
        return value


async def list_all(call: Call[Deps, Nothing, UsersQuery]) -> Reply[UsersView]:
    """List users: search, filter, sort."""
    query = call.query
    which = UserFilter(
        order=query.sort,
        search=query.search,
        status=query.status,
        role=query.role,
        has_factor=query.totp_active,
        label=query.label,
        after=read_cursor(query.cursor, query.sort, 1 if query.sort is UserOrder.USERNAME else 2),
    )
    found = await users.list_users(call.deps, org_of(call.path), which, query.limit)
    page = cut(found, query.limit, lambda last: _mark(query.sort, last))
    return Reply(UsersView(items=list(map(_view, page.items)), next_cursor=page.next_cursor))


async def create(call: Call[Deps, UserBody, Nothing]) -> Reply[UserView]:
    """Invite a new user.

    The user gets a mail with a link, good for seven days, and chooses the password; nobody else
    ever knows it. A reseller's staff is invited by its primary user or the vendor alone.
    """
    body, org = call.body, org_of(call.path)
    account = await users.create_user(
        call.deps,
        org,
        NewUser(
            username=body.username,
            email=body.email,
            display_name=body.display_name or body.username,
            locale=body.locale or await users.locale_of(call.deps, org),
            roles=tuple(body.roles),
            comment=body.comment,
        ),
        by=manager(call),
    )
    location = f"{call.request.path}/{account.id}"
    return Reply(
        _view(account), status=201, headers={**etag(account.version), "Location": location}
    )


async def hand_over(call: Call[Deps, PrimaryUserBody, Nothing]) -> Reply[UserView]:
    """Make another administrator the reseller's primary user, who alone invites the others.

    The primary user does that, or the vendor; it needs a factor that was shown just now.
    """
    org = org_of(call.path)
    return _answer(await primary_user.hand_over(call.deps, org, call.body.user_id, manager(call)))


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[UserView]:
    """Read a user."""
    return _answer(await users.read_user(call.deps, org_of(call.path), call.path["uid"]))


async def change(call: Call[Deps, UserChange, Nothing]) -> Reply[UserView]:
    """Change a user's name, address, language, roles or comment.

    Another address makes every link that was mailed void; who has not accepted the invitation yet
    gets a new one there. Taking a role away ends the user's sessions.
    """
    edited = await edit_user.edit_user(
        call.deps,
        org_of(call.path),
        call.path["uid"],
        was=expected_version(call.header("If-Match")),
        changes=call.body.model_dump(exclude_unset=True),
        by=manager(call),
    )
    return _answer(edited)


async def remove(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Delete a disabled user, or take an open invitation back."""
    await user_states.delete_user(
        call.deps, org_of(call.path), call.path["uid"], held=call.caller.permissions
    )
    return Reply(status=204)


async def invite(call: Call[Deps, Nothing, Nothing]) -> Reply[UserView]:
    """Send the invitation again; the link before is void. At most three an hour."""
    return _answer(
        await users.invite_user(call.deps, org_of(call.path), call.path["uid"], by=manager(call))
    )


async def disable(call: Call[Deps, Nothing, Nothing]) -> Reply[UserView]:
    """Close a user's account: sessions end at once, and nobody signs in to it any more."""
    return _answer(
        await user_states.disable_user(
            call.deps, org_of(call.path), call.path["uid"], held=call.caller.permissions
        )
    )


async def enable(call: Call[Deps, Nothing, Nothing]) -> Reply[UserView]:
    """Open a disabled user's account again."""
    return _answer(
        await user_states.enable_user(
            call.deps, org_of(call.path), call.path["uid"], held=call.caller.permissions
        )
    )


def manager(call: Call[Deps, Any, Any]) -> UserManager:
    caller = call.caller
    return UserManager(caller.subject, caller.org, caller.permissions)


def org_of(path: Mapping[str, str]) -> str:
    """The place that the path names is the organisation whose users these are."""
    return path.get("tid") or path.get("rid") or VENDOR


def _mark(order: UserOrder, last: Account) -> str:
    if order is UserOrder.USERNAME:
        return write_cursor(order, username_key(last.username))
    return write_cursor(order, folded(last.display_name), last.id)


def _answer(account: Account) -> Reply[UserView]:
    return Reply(_view(account), headers=etag(account.version))


def _view(account: Account) -> UserView:
    return UserView(
        id=account.id,
        org=account.org,
        username=account.username,
        email=account.email,
        display_name=account.display_name,
        locale=account.locale,
        roles=list(account.roles),
        label=account.label,
        status=account.status,
        totp_active=account.has_second_factor,
        created_at=account.created_at,
        last_sign_in_at=account.last_sign_in_at,
        comment=account.comment,
        primary_user=account.is_primary,
    )
