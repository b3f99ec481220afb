"""One-time links in MongoDB; only the digest of a token is kept."""

from datetime import datetime, timedelta

from services.auth.domain.links import Link, Purpose
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction


class Links:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("links")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("account_id", "created_at"),
            # A search by equality is served by this condition, not by one on the type.
            Index("given_by", "org", where={"given_by": {"$gt": ""}}),
            Index("expires_at", expire_seconds=int(timedelta(days=1).total_seconds())),
        )

    async def replace(self, link: Link, tx: Transaction) -> None:
        """Keep a new link; every older one of the account is dead from now on."""
        await self.kill(link.account_id, tx)
        await self._rows.insert(_row(link), session=tx.session)

    async def kill(self, account_id: str, tx: Transaction | None = None) -> None:
        await self._rows.update_many(
            {"account_id": account_id, "is_dead": False},
            {"$set": {"is_dead": True}},
            session=tx.session if tx else None,
        )

    async def kill_given_by(self, org: str, giver: str, tx: Transaction) -> None:
        """End the links that another organisation gave out in this one."""
        where = {"org": org, "given_by": giver, "is_dead": False}
        await self._rows.update_many(where, {"$set": {"is_dead": True}}, session=tx.session)

    async def add_first(self, *links: Link, tx: Transaction) -> None:
        """Keep links of accounts that are new and so have no older ones."""
        await self._rows.insert(*map(_row, links), session=tx.session)

    async def times_since(
        self, account_id: str, since: datetime, tx: Transaction
    ) -> list[datetime]:
        """When the account's links of this time were made, oldest first."""
        where = {"account_id": account_id, "created_at": {"$gt": since}}
        rows = await self._rows.find(where, sort=[("created_at", 1)], session=tx.session)
        return [row["created_at"] for row in rows]

    async def count_since(self, account_id: str, since: datetime, tx: Transaction) -> int:
        where = {"account_id": account_id, "created_at": {"$gt": since}}
        return await self._rows.count(where, session=tx.session)

    async def find(self, digest: str, now: datetime) -> Link | None:
        """The link behind a digest, if it is still good."""
        row = await self._rows.find_one(_good(digest, now))
        return _link(row) if row is not None else None

    async def use(self, digest: str, now: datetime, tx: Transaction) -> Link | None:
        """Take a link, once: of many parallel tries one gets it."""
        row = await self._rows.claim(
            _good(digest, now), {"$set": {"is_dead": True}}, session=tx.session
        )
        return _link(row) if row is not None else None


def _row(link: Link) -> Document:
    return {
        "_id": link.digest,
        "account_id": link.account_id,
        "purpose": link.purpose.value,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "is_dead": False,
        "org": link.org,
        "given_by": link.given_by,
    }


def _good(digest: str, now: datetime) -> Document:
    return {"_id": digest, "is_dead": False, "expires_at": {"$gt": now}}


def _link(row: Document) -> Link:
    return Link(
        row["_id"], row["account_id"], Purpose(row["purpose"]), row["created_at"], row["expires_at"]
    )
