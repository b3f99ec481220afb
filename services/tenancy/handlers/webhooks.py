"""A reseller's webhooks: where its own programs hear of events, signed."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator

from services.tenancy.actions import webhooks
from services.tenancy.actions.webhooks import Found, Wish
from services.tenancy.deps import Deps
from services.tenancy.domain.webhook_events import OFFERED
from services.tenancy.domain.webhooks import LONGEST_OVERLAP, OVERLAP, WebhookState
from services.tenancy.handlers.webhook_deliveries import DeliveryView, view_of
from shared.etags import etag, expected_version
from shared.fields import TypedName
from shared.models import Model, Nothing
from shared.routing import Call, Reply

_ALL: Final = "Types of events; `null` for all that are offered, also those to come."


def _must_be_offered(value: str) -> str:
    if value not in OFFERED:
        raise ValueError("No event of this type is told by webhook.")
    return value


OfferedType = Annotated[
    str, AfterValidator(_must_be_offered), Field(json_schema_extra={"enum": sorted(OFFERED)})
]
Types = Annotated[list[OfferedType], Field(min_length=1, max_length=100)]
TypedUrl = Annotated[
    str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[\x21-\x7e]+$")
]


class WebhookBody(Model):
    name: TypedName = Field(examples=["Inventory"])
    url: TypedUrl = Field(
        examples=["https://hooks.reseller.example/portal"],
        description="With https, port 443 and a host with public addresses only.",
    )
    types: Types | None = Field(
        None, description=_ALL, examples=[["portal.licensing.licence.created.v1"]]
    )


class WebhookChange(Model):
    """What to change; what is left out stays. Paused, nothing is sent and all of it waits."""

    name: TypedName | None = None
    url: TypedUrl | None = None
    types: Types | None = Field(None, description=_ALL)
    state: Literal["active", "paused"] | None = None

    @field_validator("name", "url", "state", mode="before")
    @classmethod
    def _must_not_be_null(cls, value: object) -> object:
        if value is None:
            raise ValueError("Leave the field out to keep it.")
        return value


class OverlapBody(Model):
    overlap: Annotated[timedelta, Field(ge=timedelta(0), le=LONGEST_OVERLAP)] = Field(
        OVERLAP, description="How long deliveries carry the old secret's signature, too."
    )


class WebhookSecretView(Model):
    created_at: datetime
    until: datetime | None = Field(description="`null` for the newest.")


class WebhookView(Model):
    id: str
    name: str
    url: str
    types: list[str] | None
    state: WebhookState
    created_at: datetime
    created_by: str = Field(description="The account's id.")
    failing_since: datetime | None = Field(description="`null` where the last delivery was taken.")
    secrets: list[WebhookSecretView] = Field(description="The newest first.")


class WebhookWithSecretView(WebhookView):
    secret: str = Field(description="Shown now and never again; begins with `whsec_`.")


class WebhooksView(Model):
    items: list[WebhookView]


async def list_all(call: Call[Deps, Nothing, Nothing]) -> Reply[WebhooksView]:
    """List a reseller's webhooks, the oldest first; there are at most ten."""
    found = await webhooks.list_webhooks(call.deps, call.path["rid"])
    return Reply(WebhooksView(items=[WebhookView(**_facts(one)) for one in found]))


async def create(call: Call[Deps, WebhookBody, Nothing]) -> Reply[WebhookWithSecretView]:
    """Have events of the reseller and its customers sent to a program of its own.

    Each is a CloudEvent in JSON, signed as Standard Webhooks 1.0.0 says. The secret is shown in
    this answer and never again.
    """
    types = None if call.body.types is None else frozenset(call.body.types)
    wish = Wish(call.body.name, call.body.url, types)
    found, secret = await webhooks.create_webhook(
        call.deps, call.path["rid"], call.caller.subject, wish
    )
    view = WebhookWithSecretView(**_facts(found), secret=secret)
    return Reply(view, status=201, headers=etag(found.webhook.version))


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[WebhookView]:
    """Read a webhook, without its secret."""
    return _answer(await webhooks.read_webhook(call.deps, call.path["rid"], call.path["wid"]))


async def edit(call: Call[Deps, WebhookChange, Nothing]) -> Reply[WebhookView]:
    """Edit a webhook, pause it, or make it active again."""
    changes: dict[str, Any] = {
        name: getattr(call.body, name) for name in call.body.model_fields_set
    }
    if changes.get("types") is not None:
        changes["types"] = frozenset(changes["types"])
    if "state" in changes:
        changes["state"] = WebhookState(changes["state"])
    was = expected_version(call.header("If-Match"))
    edited = await webhooks.edit_webhook(
        call.deps, call.path["rid"], call.path["wid"], was=was, changes=changes
    )
    return _answer(edited)


async def delete(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Delete a webhook, with all that waits for it and its log."""
    await webhooks.delete_webhook(call.deps, call.path["rid"], call.path["wid"])
    return Reply(status=204)


async def rotate(call: Call[Deps, OverlapBody, Nothing]) -> Reply[WebhookWithSecretView]:
    """Give a webhook a new secret. During the overlap deliveries are signed with both."""
    found, secret = await webhooks.rotate_secret(
        call.deps, call.path["rid"], call.path["wid"], call.body.overlap
    )
    view = WebhookWithSecretView(**_facts(found), secret=secret)
    return Reply(view, headers=etag(found.webhook.version))


async def ping(call: Call[Deps, Nothing, Nothing]) -> Reply[DeliveryView]:
    """Send an event that says nothing but that it is a test; its delivery says what came of it."""
    delivery = await webhooks.ping_webhook(call.deps, call.path["rid"], call.path["wid"])
    return Reply(view_of(delivery), status=202)


def _answer(found: Found) -> Reply[WebhookView]:
    return Reply(WebhookView(**_facts(found)), headers=etag(found.webhook.version))


def _facts(found: Found) -> dict[str, Any]:
    webhook = found.webhook
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "types": None if webhook.types is None else sorted(webhook.types),
        "state": webhook.state,
        "created_at": webhook.created_at,
        "created_by": webhook.created_by,
        "failing_since": found.failing_since,
        "secrets": [
            WebhookSecretView(created_at=one.created_at, until=one.until) for one in webhook.secrets
        ],
    }
