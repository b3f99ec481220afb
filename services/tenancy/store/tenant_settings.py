"""The collection of what tenants have decided for themselves."""

from typing import Any

from services.tenancy.domain.tenant_settings import TenantSettings
from shared.mongo import Collection, Session


class SettingsOfTenants:
    def __init__(self, rows: Collection) -> None:
        self._rows = rows

    async def get(self, tenant_id: str, session: Session | None = None) -> TenantSettings:
        row = await self._rows.find_one({"_id": tenant_id}, session)
        return _settings(row) if row else TenantSettings(tenant_id)

    async def save(self, settings: TenantSettings, session: Session) -> None:
        where = {"_id": settings.tenant_id}
        await self._rows.replace(where, _row(settings), upsert=True, session=session)


def _row(settings: TenantSettings) -> dict[str, Any]:
    return {
        "_id": settings.tenant_id,
        "totp_required_from": settings.totp_required_from,
        "version": settings.version,
    }


def _settings(row: dict[str, Any]) -> TenantSettings:
    return TenantSettings(row["_id"], row["totp_required_from"], row["version"])
