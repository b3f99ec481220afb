"""All that the mailer keeps of an organisation, for deleting it."""

from datetime import datetime
from typing import Final

from shared.mongo.database import Mongo

_AT_ONCE: Final = 500


class Belongings:
    def __init__(self, mongo: Mongo) -> None:
        self._contacts = mongo.collection("contacts")
        self._mails = mongo.collection("mails")
        self._settings = [mongo.collection(name) for name in ("settings", "assignments")]

    async def delete_some(self, org: str, at: datetime) -> bool:
        """Delete so many contacts and so many of the mails of before; False when done.

        The last mails, which tell of the deletion itself, are written at that time or later.
        """
        for rows in self._settings:
            await rows.delete_many({"_id": org})
        contacts = await self._contacts.find({"org": org}, limit=_AT_ONCE)
        await self._contacts.delete_many({"_id": {"$in": [row["_id"] for row in contacts]}})
        before = {"org": org, "created_at": {"$lt": at}}
        mails = await self._mails.find(before, limit=_AT_ONCE)
        await self._mails.delete_many({"_id": {"$in": [row["_id"] for row in mails]}})
        return bool(contacts or mails)
