"""Settings of licensing."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from services.licensing.domain.seats import Reclaim
from shared.settings import KeySetting, ServiceSettings

_Days = Annotated[timedelta, Field(ge=timedelta(days=1), le=timedelta(days=730))]


class LicensingSettings(ServiceSettings):
    port: int = Field(8103, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    device_keys: KeySetting = Field(
        description="JWK Set of 256-bit keys that devices' tokens are made with, the newest first."
    )
    licence_keys: KeySetting = Field(
        description="JWK Set of Ed25519 and P-256 keys that sign licence files and the list of "
        "revoked ones, the newest first; all of them are published."
    )
    licence_file_life: _Days = Field(
        timedelta(days=30), description="How long a licence file is good, at most."
    )
    revocations_every: Annotated[timedelta, Field(ge=timedelta(minutes=1))] = Field(
        timedelta(hours=1),
        description="After how long whoever verifies licence files needs a newer list of revoked "
        "ones.",
    )
    heartbeat_every: Annotated[timedelta, Field(ge=timedelta(minutes=1))] = Field(
        timedelta(hours=1),
        description="How often devices are asked to tell that they live; noted no more often.",
    )
    device_silent_after: _Days = Field(
        timedelta(days=90), description="After how long without a heartbeat a device is silent."
    )
    device_reclaim: Reclaim = Field(
        Reclaim.WHEN_WANTED,
        description="When the seat of a silent device is freed: `never`, `when_wanted` (by a new "
        "device that finds no other) or `always` (as soon as it is silent).",
    )
    decisions_kept: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(hours=1))] = Field(
        timedelta(minutes=1),
        description="How long back ends may keep the answer to an entitlement check.",
    )
    overage_percent: dict[str, Annotated[int, Field(ge=0, le=100)]] = Field(
        {},
        description="By how many percent of its seats a licence may be over-used, by product, "
        'e.g. {"mobile-security": 10}; products that are not named may not, or by 100 where they '
        "allow over-use.",
    )
    activations_per_minute: int = Field(
        600, ge=1, description="How many activations one source may ask for in a minute."
    )
    unknown_keys_per_hour: int = Field(
        20,
        ge=1,
        description="After how many unknown licence keys a source has to wait for the next hour.",
    )
    order_patience: Annotated[timedelta, Field(ge=timedelta(minutes=5))] = Field(
        timedelta(hours=1),
        description="How long an order may wait for its new customer before it is rejected.",
    )
