"""API keys of a tenant or a reseller, and the gateway's question about one."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from services.auth.actions import api_keys
from services.auth.deps import Deps
from services.auth.domain.api_keys import LONGEST_OVERLAP, OVERLAP, ApiKey
from shared.access import Permission
from shared.fields import TypedName
from shared.formats import AsDuration, TypedInstant
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply

_EXPIRES: Final = "Within 365 days; without it the key ends in 90 days."


class ApiKeyBody(Model):
    name: TypedName = Field(examples=["Nightly licence report"])
    permissions: list[Permission] = Field(
        min_length=1,
        max_length=32,
        description="What its machine may do; nobody gives more than the own role allows here.",
        examples=[["tenant:read", "licence:read"]],
    )
    expires_at: TypedInstant | None = Field(None, description=_EXPIRES)


class RotationBody(Model):
    expires_at: TypedInstant | None = Field(None, description=_EXPIRES)
    overlap: Annotated[timedelta, Field(ge=timedelta(0), le=LONGEST_OVERLAP), AsDuration] = Field(
        OVERLAP, description="How long the key in use stays good, at most `P7D`."
    )


class SecretView(Model):
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")


class ApiKeyView(Model):
    id: str = Field(description="The OAuth 2.0 client id.")
    name: str
    permissions: list[str]
    created_at: datetime
    created_by: str = Field(description="The account's id.")
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    secrets: list[SecretView] = Field(description="The newest first; two after a rotation.")


class IssuedKeyView(ApiKeyView):
    key: str = Field(
        description="Shown now and never again: a bearer token, and the OAuth 2.0 client secret."
    )


class ApiKeysView(Model):
    items: list[ApiKeyView]
    next_cursor: str | None


class LiveKeyView(Model):
    client_id: str
    org: str
    permissions: list[str]
    expires_at: datetime


async def list_newest(call: Call[Deps, Nothing, PageQuery]) -> Reply[ApiKeysView]:
    """List the API keys, newest first."""
    after = newest_position(call.query.cursor)
    keys = await api_keys.list_keys(call.deps, call.caller.place, after, call.query.limit)
    page = cut(keys, call.query.limit, lambda last: newest_cursor(last.created_at, last.id))
    items = [ApiKeyView(**_facts(key)) for key in page.items]
    return Reply(ApiKeysView(items=items, next_cursor=page.next_cursor))


async def create(call: Call[Deps, ApiKeyBody, Nothing]) -> Reply[IssuedKeyView]:
    """Create an API key for a machine.

    Its secret is shown in this answer and never again. Sent again under the same
    `Idempotency-Key` it is refused with 409: there is one key, and rotating it shows another
    secret.
    """
    given = call.body
    wish = api_keys.Wish(given.name, tuple(given.permissions), given.expires_at)
    issued = await api_keys.create_key(call.deps, _manager(call), wish)
    return Reply(_issued(issued), status=201)


async def rotate(call: Call[Deps, RotationBody, Nothing]) -> Reply[IssuedKeyView]:
    """Give an API key a new secret, and its old one a last while.

    Both are good during the overlap. One that was never used is replaced at once.
    """
    given = call.body
    issued = await api_keys.rotate_key(
        call.deps, _manager(call), call.path["id"], given.expires_at, given.overlap
    )
    return Reply(_issued(issued))


async def revoke(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Revoke an API key: it ends at once, with all tokens that were made with it."""
    await api_keys.revoke_key(call.deps, call.caller.place, call.path["id"])
    return Reply(status=204)


async def live(call: Call[Deps, Nothing, Nothing]) -> Reply[LiveKeyView]:
    """The gateway's question: whose key has this digest, what may it do, and until when?"""
    key, secret = await api_keys.live_key(call.deps, call.path["id"])
    view = LiveKeyView(
        client_id=key.id,
        org=key.org,
        permissions=list(key.permissions),
        expires_at=secret.expires_at,
    )
    return Reply(view)


def _manager(
    call: Call[Deps, ApiKeyBody, Nothing] | Call[Deps, RotationBody, Nothing],
) -> api_keys.Manager:
    caller = call.caller
    return api_keys.Manager(caller.place, caller.subject, caller.permissions)


def _issued(issued: api_keys.Issued) -> IssuedKeyView:
    return IssuedKeyView(**_facts(issued.key), key=issued.shown)


def _facts(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "permissions": list(key.permissions),
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "secrets": [
            SecretView(
                created_at=one.created_at,
                expires_at=one.expires_at,
                last_used_at=one.last_used_at,
            )
            for one in key.secrets
        ],
    }
