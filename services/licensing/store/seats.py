"""The count of taken seats on the licence's own document, and how often one was given back.

It is changed in the transaction that adds or removes the device. Two that change the same licence
collide there, and the later one looks again, so that no seat is given twice.
"""

from services.licensing.domain.licences import Licence
from shared.mongo.collection import Collection, Session


class Seats:
    def __init__(self, licences: Collection) -> None:
        self._licences = licences

    async def used(self, licence: Licence, session: Session) -> int:
        row = await self._licences.find_one(_where(licence.tenant_id, licence.id), session)
        return int(row.get("seats_used", 0)) if row else 0

    async def take(self, licence: Licence, session: Session) -> None:
        await self._count(licence.tenant_id, licence.id, {"seats_used": 1}, session)

    async def free(self, tenant_id: str, licence_id: str, session: Session) -> None:
        await self._count(tenant_id, licence_id, {"seats_used": -1, "seats_freed": 1}, session)

    async def hand_on(self, licence: Licence, session: Session) -> None:
        """One device goes and another one takes its seat."""
        await self._count(licence.tenant_id, licence.id, {"seats_freed": 1}, session)

    async def _count(
        self, tenant_id: str, licence_id: str, by: dict[str, int], session: Session
    ) -> None:
        await self._licences.update(_where(tenant_id, licence_id), {"$inc": by}, session=session)


def _where(tenant_id: str, licence_id: str) -> dict[str, str]:
    return {"_id": licence_id, "tenant_id": tenant_id}
