"""A licence as a document, in the collection of licences and in the ledger."""

from datetime import date, timedelta
from typing import Any

from services.licensing.domain.licences import Entitlement, Licence, Whose
from services.licensing.domain.products import LicenceModel


def licence_row(licence: Licence) -> dict[str, Any]:
    """All of it but its id and what activation counts."""
    return {
        "key": licence.key,
        "product": licence.product,
        "model": licence.model.value,
        "seats": licence.seats,
        "starts_on": licence.starts_on.isoformat(),
        "ends_on": _day(licence.ends_on),
        "tenant_id": licence.tenant_id,
        "reseller_id": licence.reseller_id,
        "entitlements": [
            {"feature": each.feature, "ends_on": _day(each.ends_on)}
            for each in licence.entitlements
        ],
        "order_id": licence.order_id,
        "order_number": licence.order_number,
        "reseller_number": licence.reseller_number,
        "is_tried": licence.is_tried,
        "extensions": licence.extensions,
        "suspended_at": licence.suspended_at,
        "cancelled_at": licence.cancelled_at,
        "revoked_at": licence.revoked_at,
        "noticed_at": licence.noticed_at,
        "announced_share": licence.announced_share,
        "ahead_seconds": int(licence.ahead.total_seconds()),
        "drawn": licence.drawn,
        "free_units": licence.free_units,
        "free_until": _day(licence.free_until),
        "created_at": licence.created_at,
        "version": licence.version,
    }


def licence_of(row: dict[str, Any], licence_id: str) -> Licence:
    return Licence(
        id=licence_id,
        key=row["key"],
        product=row["product"],
        model=LicenceModel(row["model"]),
        seats=row["seats"],
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=_read_day(row["ends_on"]),
        tenant_id=row["tenant_id"],
        reseller_id=row["reseller_id"],
        entitlements=tuple(
            Entitlement(each["feature"], _read_day(each["ends_on"])) for each in row["entitlements"]
        ),
        order_id=row["order_id"],
        order_number=row["order_number"],
        reseller_number=row["reseller_number"],
        is_tried=row["is_tried"],
        extensions=row["extensions"],
        suspended_at=row["suspended_at"],
        cancelled_at=row["cancelled_at"],
        revoked_at=row["revoked_at"],
        noticed_at=row["noticed_at"],
        announced_share=row["announced_share"],
        ahead=timedelta(seconds=row.get("ahead_seconds", 0)),
        drawn=row["drawn"],
        free_units=row.get("free_units"),
        free_until=_read_day(row.get("free_until")),
        seats_used=row.get("seats_used", 0),
        seats_freed=row.get("seats_freed", 0),
        created_at=row["created_at"],
        version=row["version"],
    )


def held_by(whose: Whose, within: str = "") -> dict[str, Any]:
    """The condition that a licence, `within` a greater document or by itself, is somebody's."""
    named = {"tenant_id": whose.tenant_id, "reseller_id": whose.reseller_id}
    found: dict[str, Any] = {
        f"{within}{name}": org for name, org in named.items() if org is not None
    }
    if not found:
        raise ValueError("Licences are somebody's.")
    if whose.only is not None:
        found["$and"] = [{f"{within}tenant_id": {"$in": sorted(whose.only)}}]
    return found


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
