"""What a device asks for itself, with a licence key or with the token that it got for it."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from services.licensing.actions.activate_device import Activation, activate_with_key
from services.licensing.actions.devices import deactivate_itself, hear_of_device
from services.licensing.deps import Deps
from services.licensing.domain.devices import Platform, Wish
from shared.fields import TypedName
from shared.models import Model, Nothing
from shared.routing import Call, Reply
from shared.sources import source_of

Fingerprint = Annotated[
    str,
    Field(
        pattern=r"^[\x21-\x7e]{8,256}$",
        description="Tells the device from every other one; the same fingerprint is the same "
        "device. Visible ASCII characters.",
        examples=["sha256:5f1d3c0a"],
    ),
]


class DeviceBody(Model):
    """A device as it describes itself."""

    fingerprint: Fingerprint
    name: TypedName = Field(examples=["Anna's tablet"])
    platform: Platform

    def wish(self) -> Wish:
        return Wish(self.fingerprint, self.name, self.platform)


class ActivationBody(DeviceBody):
    licence_key: str = Field(max_length=64, examples=["MS-7K2QH-0M3XC-VV0TA-9N4RB"])


class TokenBody(Model):
    token: str = Field(max_length=200, description="As the activation showed it.")


class ActivationView(Model):
    device_id: str
    token: str = Field(description="By which the device is known; no list ever shows it.")
    tenant_id: str
    licence_id: str
    activated_at: datetime
    heartbeat_every: timedelta = Field(description="How often to send a heartbeat.")


class AliveView(Model):
    device_id: str
    licence_id: str
    heartbeat_every: timedelta


async def activate(call: Call[Deps, ActivationBody, Nothing]) -> Reply[ActivationView]:
    """Activate a device with a licence key.

    Needs no account. A device that has its seat already gets the same answer again, with 200 in
    place of 201, and takes no second one.
    """
    source = source_of(call.header("X-Forwarded-For"))
    done = await activate_with_key(call.deps, call.body.licence_key, call.body.wish(), source)
    return shown(done, call.deps)


async def heartbeat(call: Call[Deps, TokenBody, Nothing]) -> Reply[AliveView]:
    """Tell that a device lives.

    One that is silent for too long may lose its seat. 401 `device_not_activated` says that it has
    none any more.
    """
    device = await hear_of_device(call.deps, call.body.token)
    view = AliveView(
        device_id=device.id,
        licence_id=device.licence_id,
        heartbeat_every=call.deps.heartbeat_every,
    )
    return Reply(view)


async def deactivate(call: Call[Deps, TokenBody, Nothing]) -> Reply[Nothing]:
    """Give a device's seat back, as the device itself."""
    await deactivate_itself(call.deps, call.body.token)
    return Reply(status=204)


def shown(done: Activation, deps: Deps) -> Reply[ActivationView]:
    view = ActivationView(
        device_id=done.device.id,
        token=done.token,
        tenant_id=done.device.tenant_id,
        licence_id=done.device.licence_id,
        activated_at=done.device.activated_at,
        heartbeat_every=deps.heartbeat_every,
    )
    return Reply(view, status=201 if done.is_new else 200)
