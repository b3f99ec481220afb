"""Settings of licensing."""

from pydantic import Field

from shared.settings import ServiceSettings


class LicensingSettings(ServiceSettings):
    port: int = Field(8103, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
