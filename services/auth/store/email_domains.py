"""Whose e-mail domains are whose, kept from tenancy's events."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from shared.mongo.collection import Index
from shared.mongo.database import Mongo
from shared.outbox import Transaction


class EmailDomains:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("email_domains")
        self._assignments = mongo.collection("assignments")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("domains"))

    async def note(self, org: str, domains: Sequence[str], sequence: int, tx: Transaction) -> None:
        """Keep what was told, unless something later is known."""
        known = await self._rows.find_one({"_id": org}, session=tx.session)
        if known is not None and known["sequence"] >= sequence:
            return
        told = {"_id": org, "domains": list(domains), "sequence": sequence}
        await self._rows.replace({"_id": org}, told, upsert=True, session=tx.session)

    async def foreign(self, reseller: str, domains: AbstractSet[str]) -> set[str]:
        """Those that are neither the reseller's own nor a customer's of its; none where it has no
        domain itself.
        """
        own = await self._rows.find_one({"_id": reseller})
        if own is None or not own["domains"]:
            return set()
        others = set(domains) - set(own["domains"])
        rows = await self._rows.find({"domains": {"$in": sorted(others)}})
        theirs = {row["_id"]: row["domains"] for row in rows}
        where = {"_id": {"$in": sorted(theirs)}, "reseller": reseller}
        for customer in await self._assignments.find(where):
            others.difference_update(theirs[customer["_id"]])
        return others
