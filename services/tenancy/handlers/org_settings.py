"""Settings of the vendor, of resellers and of tenants: own values, and what follows from above."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, Field, field_validator

from services.tenancy.actions import org_settings
from services.tenancy.actions.org_settings import Settled
from services.tenancy.deps import Deps
from services.tenancy.domain.org_settings import Setting
from shared.etags import etag, expected_version
from shared.fields import Locale, TypedEmail
from shared.formats import AsDuration, AsInstant, in_utc
from shared.ids import VENDOR
from shared.models import Model, Nothing
from shared.routing import Call, Reply

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SHORTEST_IDLE: Final = timedelta(minutes=10)
"""Longer than an access token lives: who works on refreshes in time."""
_SHORTEST: Final = timedelta(minutes=15)
_LONGEST: Final = timedelta(days=30)


def _instant(value: datetime) -> datetime:
    return in_utc(value).replace(microsecond=0)


def _whole_seconds(value: timedelta) -> timedelta:
    return timedelta(seconds=int(value.total_seconds()))


Instant = Annotated[AwareDatetime, Field(ge=_EARLIEST), AfterValidator(_instant), AsInstant]
Idle = Annotated[
    timedelta, Field(ge=_SHORTEST_IDLE, le=_LONGEST), AfterValidator(_whole_seconds), AsDuration
]
Absolute = Annotated[
    timedelta, Field(ge=_SHORTEST, le=_LONGEST), AfterValidator(_whole_seconds), AsDuration
]


class SettingsChange(Model):
    """Own values to set; what is left out stays, `null` goes back to what counts above."""

    locale: Locale | None = Field(None, description="Language of whoever has chosen none.")
    totp_required_from: Instant | None = Field(
        None,
        examples=["2026-05-01T00:00:00Z"],
        description="From when on everybody here needs a second factor; no later than above.",
    )
    session_idle: Idle | None = Field(
        None,
        examples=["PT30M"],
        description="A session ends when unused so long; ISO 8601, no longer than above.",
    )
    session_absolute: Absolute | None = Field(
        None,
        examples=["PT8H"],
        description="A session ends after so long; ISO 8601, no longer than above.",
    )
    notice_recipients: list[TypedEmail] | None = Field(
        None, max_length=20, description="Who else gets notices about licences and the account."
    )

    @field_validator("notice_recipients")
    @classmethod
    def _each_once(cls, given: list[str] | None) -> list[str] | None:
        return None if given is None else list({one.casefold(): one for one in given}.values())


class EffectiveView(Model):
    """What counts here, who has decided it, and how far the own value may go."""

    source: str = Field(
        examples=["100001.rsp"],
        description="The organisation whose word counts, or `installation`.",
    )


class TextView(EffectiveView):
    value: str


class InstantView(EffectiveView):
    value: datetime
    at_latest: datetime


class DurationView(EffectiveView):
    value: timedelta
    at_most: timedelta


class RecipientsView(EffectiveView):
    value: list[str] | None = Field(description="`null` where they are those of somebody above.")


class EffectiveSettingsView(Model):
    locale: TextView
    totp_required_from: InstantView
    session_idle: DurationView
    session_absolute: DurationView
    notice_recipients: RecipientsView


class SettingsView(Model):
    """The own values as they can be changed, and what counts."""

    locale: str | None
    totp_required_from: datetime | None
    totp_required_from_at_latest: datetime
    session_idle: timedelta | None
    session_absolute: timedelta | None
    notice_recipients: list[str] | None
    effective: EffectiveSettingsView


async def read_vendors(call: Call[Deps, Nothing, Nothing]) -> Reply[SettingsView]:
    """Read what the vendor has decided for all."""
    return _answer(await org_settings.read_settings(call.deps, VENDOR))


async def edit_vendors(call: Call[Deps, SettingsChange, Nothing]) -> Reply[SettingsView]:
    """Change what the vendor has decided for all."""
    return await _change(call, VENDOR)


async def read_resellers(call: Call[Deps, Nothing, Nothing]) -> Reply[SettingsView]:
    """Read what counts for a reseller's staff and, unless they are stricter, its tenants."""
    return _answer(await org_settings.read_settings(call.deps, call.path["rid"]))


async def edit_resellers(call: Call[Deps, SettingsChange, Nothing]) -> Reply[SettingsView]:
    """Change what counts for a reseller's staff and, unless they are stricter, its tenants."""
    return await _change(call, call.path["rid"])


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[SettingsView]:
    """Read a tenant's settings: what it has decided itself, and what counts."""
    return _answer(await org_settings.read_settings(call.deps, call.path["tid"]))


async def edit(call: Call[Deps, SettingsChange, Nothing]) -> Reply[SettingsView]:
    """Change what a tenant has decided itself."""
    return await _change(call, call.path["tid"])


async def _change(call: Call[Deps, SettingsChange, Nothing], org: str) -> Reply[SettingsView]:
    changes = {name: getattr(call.body, name) for name in call.body.model_fields_set}
    if changes.get("notice_recipients") is not None:
        changes["notice_recipients"] = tuple(changes["notice_recipients"])
    was = expected_version(call.header("If-Match"))
    return _answer(await org_settings.change_settings(call.deps, org, was=was, changes=changes))


def _answer(found: Settled) -> Reply[SettingsView]:
    own, above, now = found.settings.own, found.above, found.effective
    latest = above["totp_required_from"].value
    effective = EffectiveSettingsView(
        locale=TextView(**_facts(now["locale"])),
        totp_required_from=InstantView(**_facts(now["totp_required_from"]), at_latest=latest),
        session_idle=DurationView(
            **_facts(now["session_idle"]), at_most=above["session_idle"].value
        ),
        session_absolute=DurationView(
            **_facts(now["session_absolute"]), at_most=above["session_absolute"].value
        ),
        notice_recipients=_recipients(now["notice_recipients"], found.settings.org),
    )
    view = SettingsView(
        locale=own.locale,
        totp_required_from=own.totp_required_from,
        totp_required_from_at_latest=latest,
        session_idle=own.session_idle,
        session_absolute=own.session_absolute,
        notice_recipients=None if own.notice_recipients is None else list(own.notice_recipients),
        effective=effective,
    )
    return Reply(view, headers=etag(found.settings.version))


def _facts(setting: Setting) -> dict[str, Any]:
    return {"value": setting.value, "source": setting.source}


def _recipients(setting: Setting, org: str) -> RecipientsView:
    """Addresses of those above are not shown to those below."""
    is_own = setting.source == org
    return RecipientsView(value=list(setting.value) if is_own else None, source=setting.source)
