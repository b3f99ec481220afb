"""Passkeys in MongoDB, in the documents of their accounts: one act sees all ways into one."""

from collections.abc import Sequence
from datetime import datetime

from services.auth.domain.accounts import Account
from services.auth.domain.passkeys import Passkey, PasskeyKnownError
from services.auth.store.account_rows import account_of
from services.auth.store.accounts import told
from services.auth.store.passkey_rows import passkey_row
from shared.mongo.collection import Document
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction


class Passkeys:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accounts")

    async def add(
        self,
        account: Account,
        passkey: Passkey,
        recovery_hashes: Sequence[str] | None,
        tx: Transaction,
    ) -> Account | None:
        """Add it if the account is still as it was read; PasskeyKnownError where any has it."""
        change: Document = {"$push": {"passkeys": passkey_row(passkey)}, "$inc": {"version": 1}}
        if recovery_hashes is not None:
            change["$set"] = {"recovery_hashes": list(recovery_hashes)}
        try:
            row = await self._rows.claim(_as_read(account), change, session=tx.session)
        except DuplicateKeyError as error:
            raise PasskeyKnownError from error
        return told(account, row, tx)

    async def remove(
        self, account: Account, passkey_id: str, tx: Transaction, *, with_codes: bool
    ) -> Account | None:
        """Take it off, and the recovery codes with it where they stand in for nothing any more."""
        change: Document = {"$pull": {"passkeys": {"id": passkey_id}}, "$inc": {"version": 1}}
        if with_codes:
            change["$set"] = {"recovery_hashes": []}
        row = await self._rows.claim(_as_read(account), change, session=tx.session)
        return told(account, row, tx)

    async def rename(
        self, account_id: str, passkey_id: str, version: int, name: str
    ) -> Account | None:
        """Name it anew if it is still as it was read."""
        known = {"id": passkey_id, "version": version}
        row = await self._rows.claim(
            {"_id": account_id, "passkeys": {"$elemMatch": known}},
            {"$set": {"passkeys.$.name": name}, "$inc": {"passkeys.$.version": 1, "version": 1}},
        )
        return account_of(row) if row is not None else None

    async def accept(
        self, account_id: str, passkey: Passkey, sign_count: int, now: datetime
    ) -> bool:
        """Take an answer with this counter; False where one as high was taken meanwhile.

        Nothing that anybody edits changes, so the version stays.
        """
        ahead = {"$lt": sign_count} if sign_count else 0
        known = {"id": passkey.id, "sign_count": ahead}
        return await self._rows.update(
            {"_id": account_id, "passkeys": {"$elemMatch": known}},
            {"$set": {"passkeys.$.sign_count": sign_count, "passkeys.$.last_used_at": now}},
        )


def _as_read(account: Account) -> Document:
    return {"_id": account.id, "version": account.version}
