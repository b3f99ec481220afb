"""All that auth keeps of an organisation's people and machines, for deleting it."""

from datetime import datetime
from typing import Final

from shared.mongo.database import Mongo

_AT_ONCE: Final = 500
_OF_ACCOUNTS: Final = ("sessions", "links")
_TOLD: Final = ("settings", "assignments", "email_domains", "delegations")
"""What tenancy has told of it, a row each."""


class Belongings:
    def __init__(self, mongo: Mongo) -> None:
        self._accounts = mongo.collection("accounts")
        self._of_accounts = [mongo.collection(name) for name in _OF_ACCOUNTS]
        self._known_devices = mongo.collection("known_devices")
        self._api_keys = mongo.collection("api_keys")
        self._factor_resets = mongo.collection("factor_resets")
        self._told = [mongo.collection(name) for name in _TOLD]

    async def delete_some(self, org: str, _: datetime) -> bool:
        """Delete so many accounts with what hangs on them, and then the rest; False when done.

        An account goes last of what is its, so that who takes over after a crash finds it again.
        """
        rows = await self._accounts.find({"org": org}, limit=_AT_ONCE)
        ids = [row["_id"] for row in rows]
        if ids:
            for collection in self._of_accounts:
                await collection.delete_many({"account_id": {"$in": ids}})
            await self._known_devices.delete_many({"_id": {"$in": ids}})
            await self._accounts.delete_many({"_id": {"$in": ids}})
            return True
        await self._api_keys.delete_many({"org": org})
        await self._factor_resets.delete_many({"org": org})  # of users who were deleted before
        for collection in self._told:
            await collection.delete_many({"_id": org})
        return False
