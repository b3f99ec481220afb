"""The collection of webhooks."""

from services.tenancy.domain.webhooks import Secret, Webhook, WebhookState
from shared.mongo.collection import Document, Index, Session
from shared.mongo.database import Mongo


class Webhooks:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("webhooks")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("reseller_id", "_id"))

    async def of_reseller(self, reseller_id: str, session: Session | None = None) -> list[Webhook]:
        """All of them, the oldest first."""
        rows = await self._rows.find(
            {"reseller_id": reseller_id}, sort=[("created_at", 1), ("_id", 1)], session=session
        )
        return [_webhook(row) for row in rows]

    async def find(
        self, reseller_id: str, webhook_id: str, session: Session | None = None
    ) -> Webhook | None:
        where = {"_id": webhook_id, "reseller_id": reseller_id}
        row = await self._rows.find_one(where, session)
        return _webhook(row) if row else None

    async def get(self, webhook_id: str, session: Session | None = None) -> Webhook | None:
        """Whosever it is; for whoever delivers."""
        row = await self._rows.find_one({"_id": webhook_id}, session)
        return _webhook(row) if row else None

    async def add(self, webhook: Webhook, session: Session) -> None:
        await self._rows.insert(_row(webhook), session=session)

    async def save(self, webhook: Webhook, *, was: int, session: Session) -> bool:
        where = {"_id": webhook.id, "version": was}
        return await self._rows.replace(where, _row(webhook), session=session)

    async def delete(self, webhook: Webhook, session: Session) -> bool:
        where = {"_id": webhook.id, "version": webhook.version}
        return await self._rows.delete_many(where, session=session) == 1


def _row(webhook: Webhook) -> Document:
    return {
        "_id": webhook.id,
        "reseller_id": webhook.reseller_id,
        "name": webhook.name,
        "url": webhook.url,
        "types": None if webhook.types is None else sorted(webhook.types),
        "secrets": [
            {"locked": one.locked, "created_at": one.created_at, "until": one.until}
            for one in webhook.secrets
        ],
        "created_at": webhook.created_at,
        "created_by": webhook.created_by,
        "state": webhook.state.value,
        "version": webhook.version,
    }


def _webhook(row: Document) -> Webhook:
    return Webhook(
        id=row["_id"],
        reseller_id=row["reseller_id"],
        name=row["name"],
        url=row["url"],
        types=None if row["types"] is None else frozenset(row["types"]),
        secrets=tuple(
            Secret(one["locked"], one["created_at"], one["until"]) for one in row["secrets"]
        ),
        created_at=row["created_at"],
        created_by=row["created_by"],
        state=WebhookState(row["state"]),
        version=row["version"],
    )
