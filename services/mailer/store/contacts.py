"""Who of an organisation can be written to, as far as the mailer has heard from auth."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.mailer.domain.bounces import address_key
from shared.contracts.auth import AccountRecorded
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
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


def reader_of(account_id: str, address: str) -> str:
    """Who reads a mail: an account, whatever its address, or else an address without one."""
    return account_id or f"address:{address_key(address)}"


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

    async def unsubscribe(self, reader: str) -> None:
        """Never again an optional mail to this reader, as `reader_of` names them."""
        opted_out = {"$set": {"wants_optional": False}}
        await self._rows.update({"_id": reader}, opted_out, upsert=True)

    async def that_want_optional(self, some: Iterable[Contact], tx: Transaction) -> list[Contact]:
        """Those of them who have not said that they can do without optional mails."""
        readers = {reader_of(one.account_id, one.email): one for one in some}
        where = {"_id": {"$in": list(readers)}, "wants_optional": False}
        gone = {row["_id"] for row in await self._rows.find(where, session=tx.session)}
        return [one for reader, one in readers.items() if reader not in gone]

    async def holders(self, org: str, roles: Iterable[str], tx: Transaction) -> list[Contact]:
        """The active accounts of an organisation that have one of these roles."""
        where = {"org": org, "roles": {"$in": list(roles)}, "is_active": True}
        rows = await self._rows.find(where, sort=[("_id", 1)], session=tx.session)
        return [_contact(row) for row in rows]

    async def _save(self, account_id: str, sequence: int, facts: Document, tx: Transaction) -> None:
        row = {**facts, "sequence": sequence}
        older = [{"sequence": {"$lt": sequence}}, {"sequence": None}]
        where = {"_id": account_id, "$or": older}
        if await self._rows.update(where, {"$set": row}, session=tx.session):
            return
        if await self._rows.find_one({"_id": account_id}, session=tx.session) is None:
            await self._rows.insert({"_id": account_id, **row}, session=tx.session)


def _contact(row: Document) -> Contact:
    return Contact(row["_id"], row["org"], row["username"], row["email"], row["locale"])
