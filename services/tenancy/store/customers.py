"""How the questions about a reseller's customers are put to MongoDB."""

from datetime import datetime
from typing import Any

from services.tenancy.domain.customers import CustomerFilter, CustomerOrder
from services.tenancy.domain.licences import LicenceState
from shared.folding import folded, starts_with


def conditions(which: CustomerFilter, now: datetime) -> list[dict[str, Any]]:
    """All that must be true of a customer to be on the page."""
    found = []
    if which.after is not None:
        found.append(_after(which.order, which.after))
    if which.search:
        start = folded(which.search)
        found.append({"$or": [starts_with("folded_name", start), starts_with("_id", start)]})
    if which.licence_state is not None:
        found.append(_in_state(which.licence_state, now))
    return found


def _after(order: CustomerOrder, last: tuple[str, ...]) -> dict[str, Any]:
    if order is CustomerOrder.ID:
        return {"_id": {"$gt": last[0]}}
    name, tenant_id = last
    return {
        "folded_name": {"$gte": name},  # bounds the index; what follows settles equal names
        "$or": [{"folded_name": {"$gt": name}}, {"_id": {"$gt": tenant_id}}],
    }


def _in_state(state: LicenceState, now: datetime) -> dict[str, Any]:
    """`licence_state` as a query: there is a licence in this state and none in a better one."""
    ladder = {
        LicenceState.ACTIVE: _runs_before("expiring_at", now),
        LicenceState.EXPIRING: _runs_before("grace_at", now),
        LicenceState.GRACE: _runs_before("expired_at", now),
        LicenceState.SUSPENDED: _ended(now, LicenceState.SUSPENDED),
        LicenceState.EXPIRED: _ended(now, None),
        LicenceState.CANCELLED: _ended(now, LicenceState.CANCELLED),
        LicenceState.REVOKED: _ended(now, LicenceState.REVOKED),
    }
    better = [ladder[each] for each in ladder if _ranks(each) < _ranks(state)]
    own = ladder.get(state, {})
    return {**own, "$nor": better} if better else own


def _runs_before(end: str, now: datetime) -> dict[str, Any]:
    running = {"timeline.starts_at": {"$lte": now}, f"timeline.{end}": {"$gt": now}}
    return {"licences": {"$elemMatch": running}}


def _ended(now: datetime, stopped: LicenceState | None) -> dict[str, Any]:
    over = {"timeline.expired_at": {"$lte": now}, "timeline.stopped": stopped and stopped.value}
    return {"licences": {"$elemMatch": over}}


def _ranks(state: LicenceState) -> int:
    return list(LicenceState).index(state)
