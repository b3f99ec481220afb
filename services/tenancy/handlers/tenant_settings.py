"""What a tenant decides for itself."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, Field

from services.tenancy.actions import tenant_settings
from services.tenancy.deps import Deps
from services.tenancy.domain.tenant_settings import TenantSettings
from shared.etags import etag, expected_version
from shared.models import Model, Nothing
from shared.routing import Call, Reply

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _to_the_second(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(microsecond=0)


class TenantSettingsChange(Model):
    """What to change; the one setting there is must be named."""

    totp_required_from: (
        Annotated[AwareDatetime, Field(ge=_EARLIEST), AfterValidator(_to_the_second)] | None
    ) = Field(
        examples=["2026-05-01T00:00:00Z"],
        description="From when on everybody here needs a second factor; only a time before the "
        "vendor's date is accepted. `null` goes back to that.",
    )


class TenantSettingsView(Model):
    totp_required_from: datetime | None = Field(description="The tenant's own date, if any.")
    totp_required_from_at_latest: datetime = Field(description="The vendor's date for all.")


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[TenantSettingsView]:
    """Read what a tenant has decided for itself."""
    found = await tenant_settings.read_settings(call.deps, call.path["tid"])
    return _answer(call.deps, found)


async def edit(call: Call[Deps, TenantSettingsChange, Nothing]) -> Reply[TenantSettingsView]:
    """Change from when on a tenant's users need a second factor."""
    changed = await tenant_settings.require_totp(
        call.deps,
        call.path["tid"],
        was=expected_version(call.header("If-Match")),
        since=call.body.totp_required_from,
    )
    return _answer(call.deps, changed)


def _answer(deps: Deps, settings: TenantSettings) -> Reply[TenantSettingsView]:
    view = TenantSettingsView(
        totp_required_from=settings.totp_required_from,
        totp_required_from_at_latest=deps.totp_required_from,
    )
    return Reply(view, headers=etag(settings.version))
