"""A tenant's devices, as its admins and its reseller see them."""

from datetime import datetime

from pydantic import Field

from services.licensing.actions.activate_device import add_device
from services.licensing.actions.devices import list_devices, remove_device
from services.licensing.deps import Deps
from services.licensing.domain.devices import Device, Platform
from services.licensing.handlers.devices import ActivationView, DeviceBody, shown
from shared.ids import TypedId
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply


class DevicesQuery(PageQuery):
    licence_id: TypedId | None = None


class NewDeviceBody(DeviceBody):
    licence_id: TypedId


class DeviceView(Model):
    id: str
    licence_id: str
    name: str
    platform: Platform
    fingerprint: str
    activated_at: datetime
    last_seen_at: datetime
    is_silent: bool = Field(description="Whether nothing was heard of it for too long.")


class DevicesView(Model):
    items: list[DeviceView]
    next_cursor: str | None


async def list_newest(call: Call[Deps, Nothing, DevicesQuery]) -> Reply[DevicesView]:
    """List the devices that have a seat, the newest first."""
    query, after = call.query, newest_position(call.query.cursor)
    tenant_id = call.path["tid"]
    found = await list_devices(call.deps, tenant_id, query.licence_id, after, query.limit)
    page = cut(found, query.limit, lambda last: newest_cursor(last.activated_at, last.id))
    silent_before = call.deps.seat_rules.silent_before(call.deps.now())
    items = [_view(device, silent_before) for device in page.items]
    return Reply(DevicesView(items=items, next_cursor=page.next_cursor))


async def create(call: Call[Deps, NewDeviceBody, Nothing]) -> Reply[ActivationView]:
    """Activate a device on one of the tenant's licences.

    One that has its seat already gets the same answer again, with 200 in place of 201. The token
    goes to the device, which tells with it that it lives.
    """
    tenant_id, body = call.path["tid"], call.body
    done = await add_device(call.deps, tenant_id, body.licence_id, body.wish())
    return shown(done, call.deps)


async def remove(call: Call[Deps, Nothing, Nothing]) -> Reply[Nothing]:
    """Remove a device and free its seat."""
    await remove_device(call.deps, call.path["tid"], call.path["did"])
    return Reply(status=204)


def _view(device: Device, silent_before: datetime) -> DeviceView:
    return DeviceView(
        id=device.id,
        licence_id=device.licence_id,
        name=device.name,
        platform=device.platform,
        fingerprint=device.fingerprint,
        activated_at=device.activated_at,
        last_seen_at=device.last_seen_at,
        is_silent=device.last_seen_at < silent_before,
    )
