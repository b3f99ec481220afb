"""Deleting all that a service keeps of an organisation that is gone, little by little.

It is noted in the transaction that hears of it and carried out by a job, so that neither the number
of rows nor a crash on the way matters.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from shared.mongo.collection import Session
from shared.mongo.database import Mongo
from shared.sweeps import Sweep, all_but

log = structlog.get_logger()


class Purges:
    """What is still to be deleted, a row per organisation."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("purges")

    async def note(self, org: str, at: datetime, session: Session) -> None:
        """From now on all that was kept of it until then is to go."""
        await self._rows.update({"_id": org}, {"$set": {"at": at}}, upsert=True, session=session)

    async def carry_out(self, delete_some: Callable[[str, datetime], Awaitable[bool]]) -> None:
        """Delete until nothing is left; `delete_some` says whether there may be more.

        Replicas may do so side by side: what one has deleted, the other one doesn't find.
        """
        sweep = Sweep()
        while (row := await self._rows.find_one(all_but(sweep.failed))) is not None:
            org = str(row["_id"])
            with sweep.over(org):
                while await delete_some(org, row["at"]):
                    continue
                await self._rows.delete_many({"_id": org})
                log.info("organisation_purged", org=org)
