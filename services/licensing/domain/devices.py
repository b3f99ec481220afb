"""A device: one fingerprint on one licence, which takes a seat there until it is removed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.licensing.domain.licences import Licence
from shared.contracts.licensing import DeviceActivated, DeviceDeactivated
from shared.errors import InvalidError, UnauthenticatedError


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    IPADOS = "ipados"
    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


class Removal(StrEnum):
    """Who gave the seat back."""

    BY_ADMIN = "by_admin"
    BY_DEVICE = "by_device"
    SILENT = "silent"
    """Nobody: the device was silent for too long."""


class UnknownKeyError(InvalidError):
    code = "unknown_licence_key"
    pointer = "#/body/licence_key"
    detail = "There is no licence of this key."


class UnknownLicenceError(InvalidError):
    code = "unknown_licence"
    pointer = "#/body/licence_id"
    detail = "This tenant has no licence of this id."


class DeviceTokenError(UnauthenticatedError):
    """One answer for a forged token and for one of a device that has no seat any more."""

    code = "device_not_activated"
    detail = "This device has no seat. Activate it with a licence key."


@dataclass(frozen=True)
class Wish:
    """A device that wants a seat, as it describes itself."""

    fingerprint: str
    """What tells it from every other device; the same one is the same device."""
    name: str
    platform: Platform


@dataclass(frozen=True)
class Device:
    id: str
    licence_id: str
    tenant_id: str
    fingerprint: str
    name: str
    platform: Platform
    activated_at: datetime
    last_seen_at: datetime

    def is_worth_noting(self, now: datetime, every: timedelta) -> bool:
        """Whether a sign of life now is written down; the others cost a read."""
        return now >= self.last_seen_at + every


def device_of(licence: Licence, wish: Wish, *, device_id: str, now: datetime) -> Device:
    return Device(
        id=device_id,
        licence_id=licence.id,
        tenant_id=licence.tenant_id,
        fingerprint=wish.fingerprint,
        name=wish.name,
        platform=wish.platform,
        activated_at=now,
        last_seen_at=now,
    )


def activated(device: Device) -> DeviceActivated:
    return DeviceActivated(
        device_id=device.id,
        licence_id=device.licence_id,
        tenant_id=device.tenant_id,
        platform=device.platform.value,
    )


def deactivated(device: Device, why: Removal) -> DeviceDeactivated:
    return DeviceDeactivated(
        device_id=device.id,
        licence_id=device.licence_id,
        tenant_id=device.tenant_id,
        reason=why.value,
    )
