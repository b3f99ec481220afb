"""API keys in MongoDB; every question about them names the organisation or a secret's digest."""

from datetime import datetime

from services.auth.domain.api_keys import USE_NOTED_EVERY, ApiKey, Secret
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.newest import NEWEST, Position, older_than
from shared.outbox import Transaction


class ApiKeys:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("api_keys")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("org", "-created_at", "-_id"),
            Index("secrets.digest", unique=True),
        )

    async def add(self, key: ApiKey, tx: Transaction) -> None:
        await self._rows.insert(_row(key), session=tx.session)

    async def get(self, org: str, key_id: str, tx: Transaction) -> ApiKey | None:
        where = {"_id": key_id, "org": org, "revoked_at": None}
        row = await self._rows.find_one(where, session=tx.session)
        return _key(row) if row is not None else None

    async def by_digest(self, digest: str) -> ApiKey | None:
        row = await self._rows.find_one({"secrets.digest": digest})
        return _key(row) if row is not None else None

    async def created_by_org(self, org: str, creator: str, tx: Transaction) -> list[ApiKey]:
        where = {"org": org, "created_by_org": creator, "revoked_at": None}
        return [_key(row) for row in await self._rows.find(where, session=tx.session)]

    async def count(self, org: str) -> int:
        return await self._rows.count({"org": org, "revoked_at": None})

    async def newest(self, org: str, after: Position | None, limit: int) -> list[ApiKey]:
        """Those of this organisation that are not revoked."""
        where = {"org": org, "revoked_at": None, **older_than(after)}
        return [_key(row) for row in await self._rows.find(where, sort=NEWEST, limit=limit)]

    async def save(self, key: ApiKey, tx: Transaction) -> bool:
        """Keep the next version; False where somebody was faster."""
        where = {"_id": key.id, "org": key.org, "version": key.version - 1}
        return await self._rows.replace(where, _row(key), session=tx.session)

    async def note_use(self, key_id: str, digest: str, now: datetime) -> None:
        """Write down a use, at most once a minute whoever else does; the version stays."""
        long_ago = {"last_used_at": {"$lte": now - USE_NOTED_EVERY}}
        worth = {"digest": digest, "$or": [{"last_used_at": None}, long_ago]}
        await self._rows.update(
            {"_id": key_id, "secrets": {"$elemMatch": worth}},
            {"$set": {"secrets.$.last_used_at": now}},
        )


def _row(key: ApiKey) -> Document:
    return {
        "_id": key.id,
        "org": key.org,
        "name": key.name,
        "permissions": list(key.permissions),
        "secrets": [
            {
                "digest": one.digest,
                "created_at": one.created_at,
                "expires_at": one.expires_at,
                "last_used_at": one.last_used_at,
            }
            for one in key.secrets
        ],
        "created_at": key.created_at,
        "created_by": key.created_by,
        "created_by_org": key.created_by_org,
        "revoked_at": key.revoked_at,
        "version": key.version,
    }


def _key(row: Document) -> ApiKey:
    return ApiKey(
        id=row["_id"],
        org=row["org"],
        name=row["name"],
        permissions=tuple(row["permissions"]),
        secrets=tuple(Secret(**one) for one in row["secrets"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        created_by_org=row.get("created_by_org"),
        revoked_at=row["revoked_at"],
        version=row["version"],
    )
