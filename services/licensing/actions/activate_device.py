"""Giving a device a seat: once per device, and never more seats than there are."""

from dataclasses import dataclass

import structlog

from services.licensing.actions.pass_time import announce_seats
from services.licensing.actions.visits import count_unknown_key, let_in
from services.licensing.deps import Deps
from services.licensing.domain.devices import (
    Device,
    Removal,
    UnknownKeyError,
    UnknownLicenceError,
    Wish,
    activated,
    deactivated,
    device_of,
)
from services.licensing.domain.licences import Licence
from services.licensing.domain.seats import NoSeatError, Reclaim, must_be_valid, overused
from shared.ids import new_id
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction

log = structlog.get_logger()


@dataclass(frozen=True)
class Activation:
    device: Device
    token: str
    is_new: bool
    """False where the device had its seat already."""


async def activate_with_key(deps: Deps, key: str, wish: Wish, source: str) -> Activation:
    """A device activates itself, with nothing but a licence key."""
    await let_in(deps, source)
    licence = await deps.licences.by_key(key)
    if licence is None:
        await count_unknown_key(deps, source)
        raise UnknownKeyError
    return await _activate(deps, licence, wish)


async def add_device(deps: Deps, tenant_id: str, licence_id: str, wish: Wish) -> Activation:
    """The tenant's admin activates a device on one of its licences."""
    licence = await deps.licences.get(tenant_id, licence_id)
    if licence is None:
        raise UnknownLicenceError
    return await _activate(deps, licence, wish)


async def _activate(deps: Deps, licence: Licence, wish: Wish) -> Activation:
    must_be_valid(licence, deps.now())
    known = await deps.devices.on_licence(licence.id, wish.fingerprint)
    if known is not None and await _lives(deps, known):
        return Activation(known, deps.device_tokens.make(known.id), is_new=False)
    fresh = device_of(licence, wish, device_id=new_id(), now=deps.now())
    async with deps.turns.of(licence.id):
        device = await _seat(deps, fresh)
    is_new = device.id == fresh.id
    if is_new:
        log.info("device_activated", device_id=device.id, licence_id=licence.id)
    return Activation(device, deps.device_tokens.make(device.id), is_new=is_new)


async def _lives(deps: Deps, known: Device) -> bool:
    """Note a sign of life of a device that activates again, so that nobody takes its seat for that
    of a silent one; False where that has just happened.
    """
    now = deps.now()
    if not known.is_worth_noting(now, deps.heartbeat_every):
        return True
    return await deps.devices.note_sign_of_life(known, now)


async def _seat(deps: Deps, fresh: Device) -> Device:
    """The device with its seat, the one that has it already where it was quicker elsewhere."""

    async def act(transaction: Transaction) -> Device:
        session = transaction.session
        known = await deps.devices.on_licence(fresh.licence_id, fresh.fingerprint, session)
        if known is not None:
            return known
        licence = await deps.licences.get(fresh.tenant_id, fresh.licence_id, session)
        if licence is None:
            raise UnknownLicenceError
        must_be_valid(licence, deps.now())
        await _take_seat(deps, licence, transaction)
        await deps.devices.add(fresh, session)
        transaction.publish(activated(fresh))
        return fresh

    try:
        return await deps.transact(act)
    except DuplicateKeyError:
        known = await deps.devices.on_licence(fresh.licence_id, fresh.fingerprint)
        if known is None:
            raise
        return known


async def _take_seat(deps: Deps, licence: Licence, transaction: Transaction) -> None:
    """Count one more seat, or hand on the one of a silent device where that is the rule."""
    session = transaction.session
    used = await deps.seats.used(licence, session)
    most = deps.seat_rules.most(licence.product, licence.seats)
    if most is None or used < most:
        await deps.seats.take(licence, session)
        await announce_seats(deps, licence, used + 1, transaction)
        warning = overused(licence, used + 1)
        if warning is not None:
            transaction.publish(warning, sequence=licence.version)
        return
    if deps.seat_rules.reclaim is Reclaim.NEVER:
        raise NoSeatError
    now = deps.now()
    silent = await deps.devices.most_silent(licence.id, deps.seat_rules.silent_before(now), session)
    if silent is None:
        raise NoSeatError
    await deps.devices.remove(silent.tenant_id, silent.id, Removal.SILENT, now, session)
    await deps.seats.hand_on(licence, session)
    transaction.publish(deactivated(silent, Removal.SILENT), sequence=2)
