"""Settings of tenancy."""

from pydantic import Field

from shared.settings import ServiceSettings


class TenancySettings(ServiceSettings):
    port: int = Field(8102, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
