"""The collection of what organisations have decided for themselves and those below."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.tenancy.domain.org_settings import OrgSettings, Values
from shared.mongo.collection import Collection, Session


class SettingsOfOrgs:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def chain(self, orgs: Sequence[str], session: Session | None = None) -> list[OrgSettings]:
        """The settings of these organisations, in this order."""
        rows = await self._rows.find({"_id": {"$in": list(orgs)}}, session=session)
        known = {row["_id"]: _settings(row) for row in rows}
        return [known.get(org, OrgSettings(org)) for org in orgs]

    async def forget(self, org: str, session: Session) -> None:
        await self._rows.delete_many({"_id": org}, session=session)

    async def save(self, settings: OrgSettings, session: Session) -> None:
        where = {"_id": settings.org}
        await self._rows.replace(where, _row(settings), upsert=True, session=session)


def _row(settings: OrgSettings) -> dict[str, Any]:
    own = settings.own
    return {
        "_id": settings.org,
        "locale": own.locale,
        "totp_required_from": own.totp_required_from,
        "session_idle": own.session_idle and own.session_idle.total_seconds(),
        "session_absolute": own.session_absolute and own.session_absolute.total_seconds(),
        "notice_recipients": own.notice_recipients,
        "version": settings.version,
    }


def _settings(row: dict[str, Any]) -> OrgSettings:
    recipients = row["notice_recipients"]
    own = Values(
        locale=row["locale"],
        totp_required_from=row["totp_required_from"],
        session_idle=_duration(row["session_idle"]),
        session_absolute=_duration(row["session_absolute"]),
        notice_recipients=None if recipients is None else tuple(recipients),
    )
    return OrgSettings(row["_id"], own, row["version"])


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
