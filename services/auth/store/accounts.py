"""Accounts in MongoDB; a user name is unique within its organisation."""

from collections.abc import Sequence
from typing import Any

from services.auth.domain.accounts import Account, Status, Totp, username_key
from shared.mongo import Document, Index, Mongo
from shared.outbox import Transaction


class Accounts:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accounts")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("org", "username_key", unique=True), Index("email"))

    async def get(self, account_id: str, tx: Transaction | None = None) -> Account | None:
        row = await self._rows.find_one({"_id": account_id}, session=tx.session if tx else None)
        return _account(row) if row is not None else None

    async def find(self, org: str, username: str) -> Account | None:
        row = await self._rows.find_one({"org": org, "username_key": username_key(username)})
        return _account(row) if row is not None else None

    async def find_anywhere(self, name: str, limit: int) -> list[Account]:
        """Accounts of any organisation with this user name or e-mail address."""
        key = username_key(name)
        rows = await self._rows.find(
            {"$or": [{"username_key": key}, {"email": key}]}, sort=[("_id", 1)], limit=limit
        )
        return [_account(row) for row in rows]

    async def add(self, account: Account, tx: Transaction) -> None:
        """Raises DuplicateKeyError where the user name is taken in this organisation."""
        await self._rows.insert(_row(account), session=tx.session)

    async def change(
        self, account: Account, tx: Transaction | None = None, **fields: Any
    ) -> Account | None:
        """Set fields if the account is still as it was read; None where somebody was faster."""
        row = await self._rows.claim(
            {"_id": account.id, "version": account.version},
            {"$set": fields, "$inc": {"version": 1}},
            session=tx.session if tx else None,
        )
        return _account(row) if row is not None else None

    async def rehash(self, account: Account, password_hash: str) -> None:
        """Replace a hash that was made with older parameters, unless the password has changed."""
        await self._rows.update(
            {"_id": account.id, "password_hash": account.password_hash},
            {"$set": {"password_hash": password_hash}},
        )

    async def accept_step(self, account_id: str, step: int) -> bool:
        """Take a TOTP's time step, once: of many parallel tries one hears True."""
        return await self._rows.update(
            {"_id": account_id, "totp.last_step": {"$lt": step}}, {"$set": {"totp.last_step": step}}
        )

    async def accept_recovery(
        self, account_id: str, digest: str, tx: Transaction
    ) -> Account | None:
        """Take a recovery code, once; the account as it is afterwards."""
        row = await self._rows.claim(
            {"_id": account_id, "recovery_hashes": digest},
            {"$pull": {"recovery_hashes": digest}, "$inc": {"version": 1}},
            session=tx.session,
        )
        return _account(row) if row is not None else None

    async def activate_totp(
        self, account: Account, totp: Totp, recovery_hashes: Sequence[str], tx: Transaction
    ) -> Account | None:
        """Make the pending secret that was just proved the second factor, if it still is that."""
        row = await self._rows.claim(
            {"_id": account.id, "totp": None, "pending_totp": account.pending_totp},
            {
                "$set": {
                    "totp": _totp_row(totp),
                    "pending_totp": None,
                    "recovery_hashes": list(recovery_hashes),
                },
                "$inc": {"version": 1},
            },
            session=tx.session,
        )
        return _account(row) if row is not None else None

    async def is_taken(self, org: str, username: str) -> bool:
        return await self.find(org, username) is not None


def _totp_row(totp: Totp) -> Document:
    return {
        "locked_secret": totp.locked_secret,
        "last_step": totp.last_step,
        "activated_at": totp.activated_at,
    }


def _totp(row: Document | None) -> Totp | None:
    if row is None:
        return None
    return Totp(row["locked_secret"], row["last_step"], row["activated_at"])


def _row(account: Account) -> Document:
    return {
        "_id": account.id,
        "org": account.org,
        "username": account.username,
        "username_key": username_key(account.username),
        "email": account.email,
        "display_name": account.display_name,
        "locale": account.locale,
        "roles": list(account.roles),
        "label": account.label,
        "status": account.status.value,
        "password_hash": account.password_hash,
        "password_changed_at": account.password_changed_at,
        "totp": account.totp and _totp_row(account.totp),
        "pending_totp": account.pending_totp,
        "recovery_hashes": list(account.recovery_hashes),
        "created_at": account.created_at,
        "version": account.version,
    }


def _account(row: Document) -> Account:
    return Account(
        id=row["_id"],
        org=row["org"],
        username=row["username"],
        email=row["email"],
        display_name=row["display_name"],
        locale=row["locale"],
        roles=tuple(row["roles"]),
        label=row["label"],
        status=Status(row["status"]),
        password_hash=row["password_hash"],
        password_changed_at=row["password_changed_at"],
        totp=_totp(row["totp"]),
        pending_totp=row["pending_totp"],
        recovery_hashes=tuple(row["recovery_hashes"]),
        created_at=row["created_at"],
        version=row["version"],
    )
