"""All that licensing keeps of a tenant, for deleting it; orders are the reseller's and stay."""

from datetime import datetime
from typing import Final

from shared.mongo.database import Mongo

_AT_ONCE: Final = 500


class Belongings:
    def __init__(self, mongo: Mongo) -> None:
        self._devices = mongo.collection("devices")
        self._licences = mongo.collection("licences")

    async def delete_some(self, tenant_id: str, _: datetime) -> bool:
        """Delete the licences, so that none is good any more, and so many devices; False when
        done.
        """
        await self._licences.delete_many({"tenant_id": tenant_id})
        rows = await self._devices.find({"tenant_id": tenant_id}, limit=_AT_ONCE)
        await self._devices.delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
        return bool(rows)
