"""The collection of accounts, as far as tenancy has heard of them from auth."""

from services.tenancy.domain.accounts import KnownAccount
from shared.mongo.collection import Session
from shared.mongo.database import Mongo


class KnownAccounts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accounts")

    async def get(self, account_id: str, session: Session | None = None) -> KnownAccount | None:
        row = await self._rows.find_one({"_id": account_id}, session)
        if row is None:
            return None
        return KnownAccount(
            row["_id"],
            row["org"],
            tuple(row["roles"]),
            is_active=row["is_active"],
            has_factor=row.get("has_factor", False),
        )

    async def note(self, account: KnownAccount, sequence: int, session: Session) -> bool:
        """Keep the account as it is told; False where something later is known of it."""
        facts = {
            "org": account.org,
            "roles": list(account.roles),
            "is_active": account.is_active,
            "has_factor": account.has_factor,
            "sequence": sequence,
        }
        where = {"_id": account.id, "sequence": {"$lt": sequence}}
        if await self._rows.update(where, {"$set": facts}, session=session):
            return True
        if await self._rows.find_one({"_id": account.id}, session) is not None:
            return False
        await self._rows.insert({"_id": account.id, **facts}, session=session)
        return True
