"""Codes of an account in MongoDB, each good once: of the authenticator app, and for recovery."""

from collections.abc import Sequence

from services.auth.domain.accounts import Account, Totp
from services.auth.store.account_rows import account_of, as_judged, totp_row
from services.auth.store.accounts import told
from services.auth.store.passkey_rows import as_many
from shared.mongo.collection import Document
from shared.mongo.database import Mongo
from shared.outbox import Transaction


class Codes:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("accounts")

    async def accept_step(self, account_id: str, step: int) -> bool:
        """Take a TOTP's time step, once: of many parallel tries one hears True."""
        return await self._rows.update(
            {"_id": account_id, "totp.last_step": {"$lt": step}}, {"$set": {"totp.last_step": step}}
        )

    async def accept_recovery(
        self, account: Account, digest: str, tx: Transaction
    ) -> Account | None:
        """Take a recovery code, once, beside the password that was given; the account as it is
        afterwards.
        """
        row = await self._rows.claim(
            {**as_judged(account), "recovery_hashes": digest},
            {"$pull": {"recovery_hashes": digest}, "$inc": {"version": 1}},
            session=tx.session,
        )
        return account_of(row) if row is not None else None

    async def activate_totp(
        self, account: Account, totp: Totp, recovery_hashes: Sequence[str] | None, tx: Transaction
    ) -> Account | None:
        """Make the pending secret that was just proved a second factor, if it still is that, there
        is none that was not known, and the password is the one that was given.
        """
        where = {**as_judged(account), "totp": None, "pending_totp": account.pending_totp}
        fields: Document = {"totp": totp_row(totp), "pending_totp": None}
        if recovery_hashes is not None:
            fields["recovery_hashes"] = list(recovery_hashes)
        row = await self._rows.claim(
            {**where, **as_many(account.passkeys)},
            {"$set": fields, "$inc": {"version": 1}},
            session=tx.session,
        )
        return told(account, row, tx)

    async def replace_recovery(
        self, account: Account, recovery_hashes: Sequence[str], tx: Transaction
    ) -> Account | None:
        """Other recovery codes in place of all there are, while the second factors are the same."""
        row = await self._rows.claim(
            {
                "_id": account.id,
                "totp.activated_at": account.totp and account.totp.activated_at,
                **as_many(account.passkeys),
            },
            {"$set": {"recovery_hashes": list(recovery_hashes)}, "$inc": {"version": 1}},
            session=tx.session,
        )
        return account_of(row) if row is not None else None
