"""How the questions about a reseller's customers are put to MongoDB.

Two indexes for each order: one for the whole list, and one that begins with state and coverage.
Where only one of these two is asked for, all values of the other one are: MongoDB then merges as
many ordered ranges, and reads no more than a page.
"""

from datetime import datetime
from typing import Any, Final

from services.tenancy.domain.customers import (
    Coverage,
    CustomerFilter,
    CustomerOrder,
    coverage,
    last_day,
    search_keys,
    state_until,
)
from services.tenancy.domain.licences import LicenceState
from services.tenancy.domain.tenants import Tenant
from shared.folding import folded, starts_with
from shared.mongo.collection import Index

FIELDS: Final = {
    CustomerOrder.ID: (),
    CustomerOrder.NAME: ("folded_name",),
    CustomerOrder.CREATED: ("created_at",),
    CustomerOrder.DAYS_LEFT: ("last_day",),
}
_FILTERED: Final = ("reseller_id", "list_state", "coverage")
_GONE: Final = "gone"
"""The state of a deleted tenant: no list has it."""


def indexes() -> list[Index]:
    return [
        *(Index("reseller_id", *fields, "_id") for fields in FIELDS.values()),
        *(Index(*_FILTERED, *fields, "_id") for fields in FIELDS.values()),
        Index("reseller_id", "search_keys"),
        Index("state_until", where={"state_until": {"$type": "date"}}),
    ]


def sort_of(order: CustomerOrder) -> list[tuple[str, int]]:
    return [(field, 1) for field in (*FIELDS[order], "_id")]


def hint_of(which: CustomerFilter) -> list[tuple[str, int]]:
    """The index that gives the page in its order. Left alone, MongoDB tries several for a while and
    keeps one that was quick on the first few thousand. A search is up to it: only a try shows
    whether many names begin so.
    """
    if which.search:
        return []
    if which.only is not None:
        return [("_id", 1)]
    is_filtered = which.licence_state is not None or which.coverage is not None
    filters = _FILTERED if is_filtered else _FILTERED[:1]
    return [(field, 1) for field in (*filters, *FIELDS[which.order], "_id")]


def listed(tenant: Tenant, now: datetime) -> dict[str, Any]:
    """What is kept beside a tenant for the lists that it is in."""
    return {
        "list_state": _GONE if tenant.is_deleted else tenant.licence_state(now).value,
        "state_until": state_until(tenant.licences, now),
        "last_day": _last_day(last_day(tenant.licences).isoformat(), tenant.id),
        "coverage": coverage(tenant.users, tenant.users_with_factor).value,
        "search_keys": search_keys(tenant.name, tenant.id, tenant.reseller_number, tenant.aliases),
    }


def conditions(reseller_id: str, which: CustomerFilter) -> dict[str, Any]:
    """All that must be true of a customer to be on the page."""
    found: list[dict[str, Any]] = [{"reseller_id": reseller_id, **_filtered(which)}]
    if which.after is not None:
        found.append(_after(which.order, which.after))
    if which.only is not None:
        found.append({"_id": {"$in": sorted(which.only)}})
    if which.search:
        start = starts_with("", folded(which.search))[""]
        found.append({"search_keys": {"$elemMatch": start}})  # both bounds for one and the same key
    if which.ends_from is not None:
        found.append({"last_day": {"$gte": which.ends_from.isoformat()}})
    if which.ends_by is not None:
        found.append({"last_day": {"$lt": _last_day(which.ends_by.isoformat(), "~")}})
    return {"$and": found}


def _filtered(which: CustomerFilter) -> dict[str, Any]:
    if which.licence_state is None and which.coverage is None:
        return {"list_state": {"$ne": _GONE}}
    states = [which.licence_state] if which.licence_state else list(LicenceState)
    coverages = [which.coverage] if which.coverage else list(Coverage)
    return {
        "list_state": {"$in": [each.value for each in states]},
        "coverage": {"$in": [each.value for each in coverages]},
    }


def _after(order: CustomerOrder, last: tuple[str, ...]) -> dict[str, Any]:
    if order is CustomerOrder.ID:
        return {"_id": {"$gt": last[0]}}
    text, tenant_id = last
    if order is CustomerOrder.DAYS_LEFT:
        return {"last_day": {"$gt": _last_day(text, tenant_id)}}
    (field,) = FIELDS[order]
    value = datetime.fromisoformat(text) if order is CustomerOrder.CREATED else text
    return {
        field: {"$gte": value},  # bounds the index; what follows settles equal values
        "$or": [{field: {"$gt": value}}, {"_id": {"$gt": tenant_id}}],
    }


def _last_day(day: str, tenant_id: str) -> str:
    """Many end on one day: with the id in it, the place of a page's end is one bound."""
    return f"{day}/{tenant_id}"
