"""What auth knows of settings and of who stands above whom, kept from tenancy's events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ids import VENDOR
from shared.mongo.collection import Document
from shared.mongo.database import Mongo, Part
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
        self._mongo = mongo
        self._rows = mongo.collection("settings")
        self._assignments = mongo.collection("assignments")

    async def line(self, org: str) -> list[Decided]:
        """What the vendor, the organisation's reseller and itself have decided, in this order."""
        return line_of(org, await self._mongo.look(*line_to(org)))

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


def line_to(org: str) -> tuple[Part, Part]:
    """All that counts in an organisation, to be read along with other things."""
    above = {"from": "settings", "localField": "reseller", "foreignField": "_id", "as": "above"}
    return (
        Part("settings", {"_id": {"$in": [VENDOR, org]}}),
        Part("assignments", {"_id": org}, ({"$lookup": above},)),
    )


def line_of(org: str, seen: Mapping[str, list[Document]]) -> list[Decided]:
    """What these parts hold: from the vendor down to the organisation itself."""
    own = {row["_id"]: row for row in seen["settings"]}
    above = [row for assigned in seen["assignments"] for row in assigned["above"]]
    ordered = [own.get(VENDOR), *above, own.get(org) if org != VENDOR else None]
    return [_decided(row) for row in ordered if row is not None]


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
