"""Making licence files and the list of revoked ones."""

from collections.abc import Mapping
from typing import Any

from services.licensing.actions.devices import shown_device
from services.licensing.deps import Deps
from services.licensing.domain.devices import Device
from services.licensing.domain.licence_files import Revoked, contents, revocations
from services.licensing.domain.seats import must_be_valid
from shared.errors import NotFoundError


async def licence_file(
    deps: Deps, tenant_id: str, licence_id: str, device_id: str | None
) -> dict[str, Any]:
    """The contents of a valid licence's file, for one of its devices where that is asked for.

    NotFoundError where the tenant has no such licence, or the licence no such device.
    """
    device = None
    if device_id is not None:
        device = await deps.devices.get(device_id)
        if device is None or (device.tenant_id, device.licence_id) != (tenant_id, licence_id):
            raise NotFoundError
    return await _contents(deps, tenant_id, licence_id, device)


async def own_licence_file(deps: Deps, token: str) -> dict[str, Any]:
    """The file of the device that shows this token."""
    device = await shown_device(deps, token)
    return await _contents(deps, device.tenant_id, device.licence_id, device)


async def _contents(
    deps: Deps, tenant_id: str, licence_id: str, device: Device | None
) -> dict[str, Any]:
    licence = await deps.licences.get(tenant_id, licence_id)
    if licence is None:
        raise NotFoundError
    now = deps.now()
    must_be_valid(licence, now)
    return contents(licence, device, now, deps.file_rules)


async def revocation_list(deps: Deps) -> Mapping[str, Any]:
    """All that a file which is still good may be about and that was revoked meanwhile."""
    now = deps.now()
    since = now - deps.file_rules.life
    revoked = Revoked(
        licences=await deps.revocations.licences(since, now),
        devices=await deps.revocations.devices(since),
        transferred=await deps.revocations.transferred(now),
    )
    return revocations(revoked, now, deps.file_rules)
