"""Accounts in MongoDB; a user name is unique within its organisation.

Others keep a part of each account. Whatever changes of that is told here, in the transaction that
changes it, so that no action can forget to.
"""

from collections.abc import AsyncIterator, Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from services.auth.domain.accounts import Account, Status, recorded, username_key
from services.auth.domain.sync import person
from services.auth.domain.users import UserFilter
from services.auth.store.account_rows import account_of, account_row, as_judged
from services.auth.store.users import conditions, order_of
from shared.drift import PORTION
from shared.folding import folded
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction
from shared.sweeps import all_but
from shared.sync import is_echo


class Accounts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accounts")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("org", "username_key", unique=True),
            Index("org", "folded_name", "_id"),
            Index("org", "roles", "status"),
            Index("username_key"),
            Index("email_key"),
            Index("password_hash"),
            Index("totp_remind_at", where={"totp_remind_at": {"$type": "date"}}),
            Index(
                "passkeys.credential_id",
                unique=True,
                where={"passkeys.credential_id": {"$type": "string"}},
            ),
            Index("primary_of", unique=True, where={"primary_of": {"$gt": ""}}),
            Index(
                "issuer_subject.issuer",
                "issuer_subject.subject",
                unique=True,
                where={"issuer_subject.subject": {"$gt": ""}},  # `$type` is of no use to a search
            ),
        )

    async def get(self, account_id: str, tx: Transaction | None = None) -> Account | None:
        row = await self._rows.find_one({"_id": account_id}, session=tx.session if tx else None)
        return account_of(row) if row is not None else None

    async def get_in(
        self, org: str, account_id: str, tx: Transaction | None = None
    ) -> Account | None:
        """The account, if it belongs to this organisation."""
        where = {"_id": account_id, "org": org}
        row = await self._rows.find_one(where, session=tx.session if tx else None)
        return account_of(row) if row is not None else None

    async def find(self, org: str, username: str, tx: Transaction | None = None) -> Account | None:
        where = {"org": org, "username_key": username_key(username)}
        row = await self._rows.find_one(where, session=tx.session if tx else None)
        return account_of(row) if row is not None else None

    async def find_elsewhere(
        self, issuer: str, subject: str, tx: Transaction | None = None
    ) -> Account | None:
        """The account of whom this issuer calls so; in all organisations there is at most one."""
        row = await self._rows.find_one(
            {"issuer_subject.issuer": issuer, "issuer_subject.subject": subject},
            session=tx.session if tx else None,
        )
        return account_of(row) if row is not None else None

    async def find_anywhere(self, name: str, limit: int) -> list[Account]:
        """Accounts of any organisation with this user name or e-mail address."""
        key = username_key(name)
        rows = await self._rows.find(
            {"$or": [{"username_key": key}, {"email_key": key}]}, sort=[("_id", 1)], limit=limit
        )
        return [account_of(row) for row in rows]

    async def taken_of(self, org: str, usernames: Iterable[str]) -> set[str]:
        """Which of these user names (as `username_key` makes them) this organisation has."""
        rows = await self._rows.find({"org": org, "username_key": {"$in": list(usernames)}})
        return {row["username_key"] for row in rows}

    async def page(self, org: str, which: UserFilter, limit: int) -> list[Account]:
        """Accounts of this organisation, in the order asked for, after the one seen last."""
        where, sort = conditions(org, which), order_of(which.order)
        return [account_of(row) for row in await self._rows.find(where, sort=sort, limit=limit)]

    async def has_other_admin(self, account: Account, role: str, tx: Transaction) -> bool:
        """Whether somebody else of the account's organisation is active in this role."""
        where = {
            "org": account.org,
            "roles": role,
            "status": Status.ACTIVE.value,
            "_id": {"$ne": account.id},
        }
        return await self._rows.find_one(where, session=tx.session) is not None

    async def primary_of(self, org: str, tx: Transaction) -> Account | None:
        """The primary user of this reseller."""
        row = await self._rows.find_one({"primary_of": org}, session=tx.session)
        return account_of(row) if row is not None else None

    async def holders_of(self, org: str, role: str, limit: int, tx: Transaction) -> list[Account]:
        """Accounts of this organisation that have a role, whatever their status."""
        where = {"org": org, "roles": role}
        rows = await self._rows.find(where, limit=limit, session=tx.session)
        return [account_of(row) for row in rows]

    async def add(self, *accounts: Account, tx: Transaction) -> None:
        """Raises DuplicateKeyError where a user name is taken in its organisation, or where
        somebody has the issuer's subject.
        """
        await self._rows.insert(*map(account_row, accounts), session=tx.session)
        for account in accounts:
            tx.publish(recorded(account), sequence=account.version)
            _tell_person(None, account, tx)

    async def remove(self, account: Account, tx: Transaction) -> bool:
        """Delete the account if it is still as it was read."""
        where = {"_id": account.id, "version": account.version}
        if await self._rows.delete_many(where, session=tx.session) != 1:
            return False
        gone = person(account)
        if gone is not None and not is_echo():
            tx.publish(gone.model_copy(update={"status": "deleted"}), sequence=account.version + 1)
        return True

    async def portions_of(self, org: str, tx: Transaction) -> AsyncIterator[list[Account]]:
        """All accounts of this organisation, as they are in this act."""
        async for rows in self._rows.portions({"org": org}, size=PORTION, session=tx.session):
            yield [account_of(row) for row in rows]

    async def signed_in(self, account: Account, at: datetime) -> bool:
        """Note a sign-in, if what it was judged by still holds: the password, and that one may.

        Nothing that anybody edits, so the version stays.
        """
        return await self._rows.update(as_judged(account), {"$set": {"last_sign_in_at": at}})

    async def change(
        self, account: Account, tx: Transaction | None = None, **fields: Any
    ) -> Account | None:
        """Set fields if the account is still as it was read; None where somebody was faster."""
        if "display_name" in fields:
            fields["folded_name"] = folded(fields["display_name"])
        if "is_primary" in fields:
            fields["primary_of"] = account.org if fields.pop("is_primary") else None
        if "email" in fields:
            fields["email_key"] = username_key(fields["email"])
        if "username" in fields:
            fields["username_key"] = username_key(fields["username"])
        row = await self._rows.claim(
            {"_id": account.id, "version": account.version},
            {"$set": fields, "$inc": {"version": 1}},
            session=tx.session if tx else None,
        )
        return told(account, row, tx)

    async def rehash(self, account: Account, password_hash: str) -> None:
        """Replace a hash that was made with older parameters, unless the password has changed."""
        await self._rows.update(
            {"_id": account.id, "password_hash": account.password_hash},
            {"$set": {"password_hash": password_hash}},
        )

    async def has_hash_unlike(self, prefix: str) -> bool:
        """Whether anybody's password hash begins otherwise."""
        before, after = {"$lt": prefix}, {"$gte": prefix + "\uffff"}
        where = {"$or": [{"password_hash": before}, {"password_hash": after}]}
        return await self._rows.find_one(where) is not None

    async def wait_for_mail(self, account_id: str, tx: Transaction) -> None:
        """Of two transactions that mail the same account a link, the later one is run again."""
        await self._rows.update(
            {"_id": account_id}, {"$inc": {"links_mailed": 1}}, session=tx.session
        )

    async def write_deadline(
        self, account_id: str, deadline: datetime, remind_at: datetime | None
    ) -> None:
        """Keep by when the account must have a second factor, once and for good."""
        change = {"$set": {"totp_deadline": deadline, "totp_remind_at": remind_at}}
        await self._rows.update({"_id": account_id, "totp_deadline": None}, change)

    async def next_to_remind(self, now: datetime, but: AbstractSet[str]) -> Account | None:
        """Whoever is to be reminded of the deadline, if need be; none of these."""
        # Without the type MongoDB doesn't see that the partial index has all of them.
        due = {"totp_remind_at": {"$lte": now, "$type": "date"}, **all_but(but)}
        found = await self._rows.find(due, sort=[("totp_remind_at", 1)], limit=1)
        return account_of(found[0]) if found else None

    async def remind_later(
        self, account_id: str, now: datetime, later: datetime | None, tx: Transaction
    ) -> bool:
        """Put the next reminder off; False where another replica has done so."""
        where = {"_id": account_id, "totp_remind_at": {"$lte": now, "$type": "date"}}
        change = {"$set": {"totp_remind_at": later}}
        return await self._rows.update(where, change, session=tx.session)

    async def is_taken(self, org: str, username: str) -> bool:
        return await self.find(org, username) is not None


def told(before: Account, row: Document | None, tx: Transaction | None) -> Account | None:
    """The account as it is after a change, if there was one; others hear of what they keep."""
    if row is None:
        return None
    account = account_of(row)
    if tx is not None and recorded(account) != recorded(before):
        tx.publish(recorded(account), sequence=account.version)
    if tx is not None:
        _tell_person(before, account, tx)
    return account


def _tell_person(before: Account | None, after: Account, tx: Transaction) -> None:
    """The Reseller Portal hears of a reseller's staff, but not of what it has just said itself."""
    told = person(after)
    if told is not None and not is_echo() and (before is None or person(before) != told):
        tx.publish(told, sequence=after.version)
