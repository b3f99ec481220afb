"""Settings of tenancy."""

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from shared.settings import KeySetting, ServiceSettings


class TenancySettings(ServiceSettings):
    port: int = Field(8102, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    offboarding_kept: timedelta = Field(
        timedelta(days=30),
        ge=timedelta(0),
        le=timedelta(days=365),
        description="How long the data of a tenant that is on its way out is kept.",
    )
    totp_required_from: AwareDatetime = Field(
        datetime(2024, 3, 1, tzinfo=UTC),
        description="As auth has it: vendor, resellers and tenants may set a date of their own, "
        "but no later one.",
    )
    session_idle: timedelta = Field(
        timedelta(hours=1),
        description="As auth has it: the longest that anybody may let a session go unused.",
    )
    session_absolute: timedelta = Field(
        timedelta(hours=12), description="As auth has it: the longest that anybody may let one be."
    )
    activity_keys: KeySetting = Field(
        description="Private Ed25519 keys that vouch for the activity, newest first; one that is "
        "taken away makes the chains that it vouched for unbelievable."
    )
    activity_kept: timedelta = Field(
        timedelta(days=400), ge=timedelta(days=30), description="How long activity is kept."
    )
