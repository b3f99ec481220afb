"""The collection of webhooks, and whose turn it is to send to each.

A turn is apart from what people edit, so that neither stands in the other's way. `until` says until
when nobody else sends to a webhook: because somebody does, or because it rests.
"""

from dataclasses import dataclass
from datetime import datetime

from services.tenancy.domain.webhooks import Secret, Webhook, WebhookState
from shared.mongo.collection import Document, Index, Session
from shared.mongo.database import Mongo
from shared.mongo.errors import DuplicateKeyError


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


@dataclass(frozen=True)
class Turn:
    """Somebody's turn at a webhook, and how it has fared so far."""

    webhook_id: str
    owner: str
    failures: int = 0
    """In a row, over all deliveries."""
    failing_since: datetime | None = None
    is_told: bool = False
    """Whether its reseller has been told that it fails."""


class Turns:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("webhook_turns")

    async def prepare(self) -> None:
        await self._rows.ensure(Index("until"))

    async def busy(self, now: datetime) -> list[str]:
        """Webhooks that are not to be looked at now."""
        return [row["_id"] for row in await self._rows.find({"until": {"$gt": now}})]

    async def take(
        self, webhook_id: str, owner: str, now: datetime, until: datetime
    ) -> Turn | None:
        """None where it is somebody else's turn, or nobody's."""
        where = {"_id": webhook_id, "until": {"$lte": now}}
        change = {"$set": {"owner": owner, "until": until}}
        try:
            row = await self._rows.claim(where, change, upsert=True)
        except DuplicateKeyError:
            return None
        return _turn(row) if row else None

    async def keep(self, turn: Turn, until: datetime, session: Session | None = None) -> bool:
        """Go on until then at most; False where it is somebody else's turn by now."""
        where = {"_id": turn.webhook_id, "owner": turn.owner}
        change = {"$set": {**_fared(turn), "until": until}}
        return await self._rows.update(where, change, session=session)

    async def end(self, turn: Turn, rest_until: datetime) -> None:
        """It is nobody's turn until then, and anybody's afterwards."""
        where = {"_id": turn.webhook_id, "owner": turn.owner}
        change = {"$set": {**_fared(turn), "until": rest_until, "owner": None}}
        await self._rows.update(where, change)

    async def failing(self, webhook_ids: list[str]) -> dict[str, datetime]:
        """Since when those of these that fail have been failing."""
        where = {"_id": {"$in": webhook_ids}, "failing_since": {"$type": "date"}}
        return {row["_id"]: row["failing_since"] for row in await self._rows.find(where)}

    async def begin_anew(self, webhook_id: str, session: Session) -> None:
        """It rests no more and nothing is known of failures; whoever sends just now goes on."""
        await self._rows.delete_many({"_id": webhook_id, "owner": None}, session=session)


def _fared(turn: Turn) -> Document:
    return {
        "failures": turn.failures,
        "failing_since": turn.failing_since,
        "is_told": turn.is_told,
    }


def _turn(row: Document) -> Turn:
    return Turn(
        row["_id"],
        row["owner"],
        row.get("failures", 0),
        row.get("failing_since"),
        row.get("is_told", False),
    )


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
