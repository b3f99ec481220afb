"""What auth knows of settings and of who stands above whom, kept from tenancy's events."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ids import VENDOR
from shared.mongo import Document, Mongo
from shared.outbox import Transaction


@dataclass(frozen=True)
class Decided:
    """What one organisation has decided itself; None leaves it as it is above."""

    org: str
    totp_required_from: datetime | None = None
    session_idle: timedelta | None = None
    session_absolute: timedelta | None = None
    locale: str | None = None


class OrgSettings:
    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.collection("settings")
        self._assignments = mongo.collection("assignments")

    async def line(self, org: str) -> list[Decided]:
        """What the vendor, the organisation's reseller and itself have decided, in this order."""
        assignment = await self._assignments.find_one({"_id": org})
        orgs = [VENDOR, *([assignment["reseller"]] if assignment else []), org]
        rows = await self._rows.find({"_id": {"$in": orgs}})
        known = {row["_id"]: _decided(row) for row in rows}
        return [known[one] for one in orgs if one in known]

    async def note(self, decided: Decided, sequence: int, tx: Transaction) -> None:
        """Keep what was told, unless something later is known."""
        known = await self._rows.find_one({"_id": decided.org}, session=tx.session)
        if known is not None and known["sequence"] >= sequence:
            return
        told = _row(decided, sequence)
        await self._rows.replace({"_id": decided.org}, told, upsert=True, session=tx.session)

    async def assign(self, tenant: str, reseller: str, sequence: int, tx: Transaction) -> None:
        """Keep whose tenant it is, unless something later is known."""
        known = await self._assignments.find_one({"_id": tenant}, session=tx.session)
        if known is not None and known["sequence"] >= sequence:
            return
        told = {"_id": tenant, "reseller": reseller, "sequence": sequence}
        await self._assignments.replace({"_id": tenant}, told, upsert=True, session=tx.session)


def _row(decided: Decided, sequence: int) -> Document:
    return {
        "_id": decided.org,
        "totp_required_from": decided.totp_required_from,
        "session_idle": _seconds(decided.session_idle),
        "session_absolute": _seconds(decided.session_absolute),
        "locale": decided.locale,
        "sequence": sequence,
    }


def _decided(row: Document) -> Decided:
    return Decided(
        org=row["_id"],
        totp_required_from=row["totp_required_from"],
        session_idle=_duration(row["session_idle"]),
        session_absolute=_duration(row["session_absolute"]),
        locale=row["locale"],
    )


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
