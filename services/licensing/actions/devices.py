"""Devices after their activation: listed, heard of, removed."""

import structlog

from services.licensing.deps import Deps
from services.licensing.domain.devices import Device, DeviceTokenError, Removal, deactivated
from services.licensing.domain.seats import Reclaim
from shared.errors import NotFoundError
from shared.newest import Position
from shared.outbox import Transaction
from shared.sweeps import Sweep

log = structlog.get_logger()
_BATCH = 100


async def list_devices(
    deps: Deps, tenant_id: str, licence_id: str | None, after: Position | None, limit: int
) -> list[Device]:
    """The tenant's devices, newest first, and one more than asked for where there are more."""
    return await deps.devices.newest(tenant_id, licence_id, after, limit + 1)


async def hear_of_device(deps: Deps, token: str) -> Device:
    """Note that a device lives, at most once in the interval that devices are asked to keep."""
    device, now = await shown_device(deps, token), deps.now()
    if device.is_worth_noting(now, deps.heartbeat_every):
        await deps.devices.note_sign_of_life(device, now)
    return device


async def remove_device(deps: Deps, tenant_id: str, device_id: str) -> None:
    """The tenant's admin frees a seat; NotFoundError where no device of it has this id."""
    if not await _remove(deps, tenant_id, device_id, Removal.BY_ADMIN):
        raise NotFoundError


async def deactivate_itself(deps: Deps, token: str) -> None:
    device = await shown_device(deps, token)
    if not await _remove(deps, device.tenant_id, device.id, Removal.BY_DEVICE):
        raise DeviceTokenError


async def reclaim_seats(deps: Deps) -> None:
    """Free the seats of devices that are silent, where that is the rule."""
    if deps.seat_rules.reclaim is not Reclaim.ALWAYS:
        return
    before = deps.seat_rules.silent_before(deps.now())
    sweep = Sweep()
    while silent := await deps.devices.silent(before, _BATCH, sweep.failed):
        for device in silent:
            with sweep.over(device.id):
                await _remove(deps, device.tenant_id, device.id, Removal.SILENT)


async def shown_device(deps: Deps, token: str) -> Device:
    """The device of this token; DeviceTokenError where none has a seat by it."""
    device_id = deps.device_tokens.read(token)
    device = await deps.devices.get(device_id) if device_id else None
    if device is None:
        raise DeviceTokenError
    return device


async def _remove(deps: Deps, tenant_id: str, device_id: str, why: Removal) -> bool:
    """Take the seat away; False, and nothing changed, where there was none to take."""
    now = deps.now()
    before = deps.seat_rules.silent_before(now) if why is Removal.SILENT else None

    async def act(transaction: Transaction) -> bool:
        session = transaction.session
        device = await deps.devices.remove(
            tenant_id, device_id, why, now, session, silent_before=before
        )
        if device is None:
            return False
        await deps.seats.free(device.tenant_id, device.licence_id, session)
        transaction.publish(deactivated(device, why), sequence=2)
        return True

    done = await deps.transact(act)
    if done:
        log.info("device_deactivated", device_id=device_id, reason=why)
    return done
