"""Who of an organisation can be written to, as far as the mailer has heard from auth."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.contracts.auth import AccountRecorded
from shared.mongo import Document, Index, Mongo
from shared.outbox import Transaction

_ACTIVE: Final = "active"


@dataclass(frozen=True)
class Contact:
    account_id: str
    """Empty for an address that belongs to no account."""
    org: str
    username: str
    email: str
    locale: str


class Contacts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("contacts")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("org", "roles"))

    async def note(self, account: AccountRecorded, sequence: int, tx: Transaction) -> None:
        """Keep the account as it is told, unless something later is known of it."""
        facts = {
            "org": account.org,
            "username": account.username,
            "email": account.email,
            "locale": account.locale,
            "roles": account.roles,
            "is_active": account.status == _ACTIVE,
        }
        await self._save(account.account_id, sequence, facts, tx)

    async def forget(self, account_id: str, sequence: int, tx: Transaction) -> None:
        """Keep no more of it than that it is gone, so that a late event can't bring it back."""
        gone = {"org": "", "username": "", "email": "", "locale": "", "roles": []}
        await self._save(account_id, sequence, {**gone, "is_active": False}, tx)

    async def holders(self, org: str, roles: Iterable[str], tx: Transaction) -> list[Contact]:
        """The active accounts of an organisation that have one of these roles."""
        where = {"org": org, "roles": {"$in": list(roles)}, "is_active": True}
        rows = await self._rows.find(where, sort=[("_id", 1)], session=tx.session)
        return [_contact(row) for row in rows]

    async def _save(self, account_id: str, sequence: int, facts: Document, tx: Transaction) -> None:
        row = {**facts, "sequence": sequence}
        where = {"_id": account_id, "sequence": {"$lt": sequence}}
        if await self._rows.update(where, {"$set": row}, session=tx.session):
            return
        if await self._rows.find_one({"_id": account_id}, session=tx.session) is None:
            await self._rows.insert({"_id": account_id, **row}, session=tx.session)


def _contact(row: Document) -> Contact:
    return Contact(row["_id"], row["org"], row["username"], row["email"], row["locale"])
