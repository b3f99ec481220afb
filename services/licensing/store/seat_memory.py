"""Which devices have a seat, remembered in this process for as long as that is certainly true.

Whenever a seat of a licence is given back, in any replica, `seats_freed` on the licence's document
grows in the same transaction. A device that had its seat at some count has it while the count is
the same. So a check reads the licence, which it must read anyway, and nothing else.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from services.licensing.domain.licences import Licence
from services.licensing.store.devices import Devices
from services.licensing.store.licences import Licences

_REMEMBERED: Final = 100_000


@dataclass(frozen=True)
class _Seated:
    tenant_id: str
    licence_id: str
    freed: int


class SeatMemory:
    def __init__(self, licences: Licences, devices: Devices) -> None:
        self._licences = licences
        self._devices = devices
        self._known: OrderedDict[str, _Seated] = OrderedDict()

    async def of_device(self, device_id: str) -> Licence | None:
        """The licence that this device has a seat of; None where it has none."""
        known = self._known.get(device_id)
        if known is not None:
            licence = await self._licences.get(known.tenant_id, known.licence_id)
            if licence is not None and licence.seats_freed == known.freed:
                return licence
            self._known.pop(device_id, None)
        return await self._looked_up(device_id)

    async def has_seat(self, licence: Licence, fingerprint: str) -> bool:
        """Whether the device of this fingerprint has a seat of this licence, just read."""
        name = f"{licence.id}/{fingerprint}"
        known = self._known.get(name)
        if known is not None and licence.seats_freed == known.freed:
            return True
        if await self._devices.on_licence(licence.id, fingerprint) is None:
            return False
        self._remember(name, licence)
        return True

    async def _looked_up(self, device_id: str) -> Licence | None:
        device = await self._devices.get(device_id)
        if device is None:
            return None
        licence = await self._licences.get(device.tenant_id, device.licence_id)
        # Read once more after the count: it may have been removed between the two.
        if licence is None or await self._devices.get(device_id) is None:
            return None
        self._remember(device_id, licence)
        return licence

    def _remember(self, name: str, licence: Licence) -> None:
        self._known[name] = _Seated(licence.tenant_id, licence.id, licence.seats_freed)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
