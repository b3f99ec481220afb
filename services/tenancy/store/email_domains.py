"""The collection of e-mail domains: whose each one is."""

from collections.abc import Sequence

from shared.mongo.collection import Collection, Index, Session


class EmailDomains:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def prepare(self) -> None:
        await self._rows.ensure(Index("org"))

    async def assign(self, org: str, domains: Sequence[str], session: Session) -> bool:
        """Give an organisation these domains and no others; False where one is another's.

        DuplicateKeyError where another one takes it at the same time.
        """
        await self._rows.delete_many({"org": org, "_id": {"$nin": list(domains)}}, session=session)
        taken = await self._rows.find({"_id": {"$in": list(domains)}}, session=session)
        if any(row["org"] != org for row in taken):
            return False
        new = set(domains) - {row["_id"] for row in taken}
        if new:
            await self._rows.insert(
                *({"_id": domain, "org": org} for domain in sorted(new)), session=session
            )
        return True
