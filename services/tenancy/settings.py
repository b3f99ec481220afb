"""Settings of tenancy."""

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from shared.settings import KeySetting, ServiceSettings

_ORIGIN = r"https?://[a-z0-9.:\[\]-]{1,261}"


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
    webhook_keys: KeySetting = Field(
        description="JWK Set of 256-bit keys that encrypt webhooks' secrets at rest, newest first."
    )
    webhook_retries: str = Field(
        "5 300 1800 7200 18000 36000 50400 72000 86400",
        pattern=r"^[0-9]{1,6}( [0-9]{1,6}){0,19}$",
        description="Seconds after which a delivery to a webhook is tried again; then it fails.",
    )
    webhook_told_after: timedelta = Field(
        timedelta(days=1),
        ge=timedelta(0),
        description="After how long without success a webhook's reseller gets a mail.",
    )
    webhook_senders: int = Field(
        8, ge=1, le=64, description="Webhooks that a replica sends to at once."
    )
    webhook_exempt_origins: str = Field(
        "",
        pattern=rf"^({_ORIGIN}( {_ORIGIN}){{0,19}})?$",
        description="Origins such as `http://127.0.0.1:9000` that webhooks may point to although "
        "they are no public https; for trials only.",
    )

    @property
    def webhook_ladder(self) -> tuple[timedelta, ...]:
        return tuple(timedelta(seconds=int(each)) for each in self.webhook_retries.split())
