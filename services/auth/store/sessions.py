"""Sessions in MongoDB; a refresh token is taken by one atomic step to the next generation."""

from datetime import datetime, timedelta

from services.auth.domain.sessions import Limits, Session
from shared.contracts.auth import SessionStarted
from shared.mongo.collection import Document, Index
from shared.mongo.database import Mongo
from shared.outbox import Outbox, Transaction


class Sessions:
    def __init__(self, mongo: Mongo, outbox: Outbox) -> None:
        self._rows = mongo.collection("sessions")
        self._started = outbox.carrier("sessions")

    async def prepare(self) -> None:
        await self._rows.ensure(
            Index("account_id", "revoked_at"),
            Index("expires_at", expire_seconds=int(timedelta(days=7).total_seconds())),
        )

    async def add(self, session: Session, started: SessionStarted) -> None:
        await self._started.insert(_row(session), started)

    async def get(self, session_id: str) -> Session | None:
        row = await self._rows.find_one({"_id": session_id})
        return _session(row) if row is not None else None

    async def alive_of(
        self, account_id: str, now: datetime, limits: Limits, tx: Transaction | None = None
    ) -> list[Session]:
        rows = await self._rows.find(
            {"account_id": account_id, "revoked_at": None},
            sort=[("last_used_at", -1)],
            session=tx.session if tx else None,
        )
        return [found for found in map(_session, rows) if found.is_alive(now, limits)]

    async def rotate(self, session: Session, now: datetime, limits: Limits) -> Session | None:
        """Take the refresh token of this generation; None where another one is good by now.

        The limits that it is taken under are kept, so that none that are widened later count.
        """
        kept = {
            "rotated_at": now,
            "last_used_at": now,
            "expires_at": session.ends_at(limits),
            "idle_seconds": session.idle_by(limits).total_seconds(),
        }
        row = await self._rows.claim(
            {"_id": session.id, "generation": session.generation, "revoked_at": None},
            {"$inc": {"generation": 1}, "$set": kept},
        )
        return _session(row) if row is not None else None

    async def prove(
        self, session_id: str, account_id: str, now: datetime, amr: tuple[str, ...]
    ) -> Session | None:
        """Note that a second factor was shown in a session of this account just now."""
        row = await self._rows.claim(
            {"_id": session_id, "account_id": account_id, "revoked_at": None},
            {"$set": {"factor_at": now, "amr": list(amr)}},
        )
        return _session(row) if row is not None else None

    async def revoke(
        self, session_id: str, account_id: str, now: datetime, tx: Transaction
    ) -> bool:
        """End a session of this account; False where there is none to end."""
        return await self._rows.update(
            {"_id": session_id, "account_id": account_id, "revoked_at": None},
            {"$set": {"revoked_at": now}},
            session=tx.session,
        )


def _row(session: Session) -> Document:
    return {
        "_id": session.id,
        "account_id": session.account_id,
        "org": session.org,
        "generation": session.generation,
        "amr": list(session.amr),
        "device": session.device,
        "started_at": session.started_at,
        "rotated_at": session.rotated_at,
        "last_used_at": session.last_used_at,
        "expires_at": session.expires_at,
        "revoked_at": session.revoked_at,
        "factor_at": session.factor_at,
        "idle_seconds": session.idle.total_seconds() if session.idle else None,
    }


def _session(row: Document) -> Session:
    return Session(
        id=row["_id"],
        account_id=row["account_id"],
        org=row["org"],
        generation=row["generation"],
        amr=tuple(row["amr"]),
        device=row["device"],
        started_at=row["started_at"],
        rotated_at=row["rotated_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        factor_at=row.get("factor_at"),
        idle=timedelta(seconds=row["idle_seconds"]) if row.get("idle_seconds") else None,
    )
