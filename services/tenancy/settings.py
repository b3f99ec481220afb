"""Settings of tenancy."""

from datetime import UTC, datetime

from pydantic import AwareDatetime, Field

from shared.settings import ServiceSettings


class TenancySettings(ServiceSettings):
    port: int = Field(8102, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    totp_required_from: AwareDatetime = Field(
        datetime(2024, 3, 1, tzinfo=UTC),
        description="As auth has it: a tenant may set a date of its own, but no later one.",
    )
