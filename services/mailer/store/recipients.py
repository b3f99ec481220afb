"""Who else gets an organisation's notices, as vendor, resellers and tenants have decided."""

from dataclasses import dataclass
from typing import Final

from shared.contracts.tenancy import Decided
from shared.ids import VENDOR
from shared.mongo.collection import Collection, Document
from shared.mongo.database import Mongo
from shared.outbox import Transaction

_DEFAULT_LOCALE: Final = "de"


@dataclass(frozen=True)
class Recipients:
    addresses: tuple[str, ...]
    locale: str


class NoticeRecipients:
    """Each level as it was told; the nearest counts when a notice is written."""

    def __init__(self, mongo: Mongo) -> None:
        self._settings = mongo.collection("settings")
        self._assignments = mongo.collection("assignments")

    async def note(self, org: str, decided: Decided, sequence: int, tx: Transaction) -> None:
        facts = {"addresses": decided.notice_recipients, "locale": decided.locale}
        await _keep(self._settings, org, facts, sequence, tx)

    async def assign(self, tenant: str, reseller: str, sequence: int, tx: Transaction) -> None:
        await _keep(self._assignments, tenant, {"reseller": reseller}, sequence, tx)

    async def reseller_of(self, tenant: str) -> str | None:
        assignment = await self._assignments.find_one({"_id": tenant})
        return assignment["reseller"] if assignment else None

    async def of(self, org: str, tx: Transaction) -> Recipients:
        assignment = await self._assignments.find_one({"_id": org}, session=tx.session)
        line = [org, *([assignment["reseller"]] if assignment else []), VENDOR]
        rows = await self._settings.find({"_id": {"$in": line}}, session=tx.session)
        known = {row["_id"]: row for row in rows}
        levels = [known[one] for one in line if one in known]
        addresses = [one["addresses"] for one in levels if one["addresses"] is not None]
        locales = [one["locale"] for one in levels if one["locale"] is not None]
        return Recipients(
            tuple(addresses[0]) if addresses else (), locales[0] if locales else _DEFAULT_LOCALE
        )


async def _keep(
    rows: Collection, org: str, facts: Document, sequence: int, tx: Transaction
) -> None:
    """Keep what was told, unless something later is known."""
    known = await rows.find_one({"_id": org}, session=tx.session)
    if known is None or known["sequence"] < sequence:
        row = {"_id": org, **facts, "sequence": sequence}
        await rows.replace({"_id": org}, row, upsert=True, session=tx.session)
