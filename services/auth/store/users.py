"""How the questions about an organisation's users are put to MongoDB."""

from typing import Any, Final

from services.auth.domain.accounts import username_key
from services.auth.domain.users import LabelFilter, RoleFilter, UserFilter, UserOrder
from shared.folding import folded, starts_with

WITHOUT_FACTOR: Final[dict[str, Any]] = {"totp": None, "passkeys.0": {"$exists": False}}
WITH_FACTOR: Final[dict[str, Any]] = {"$nor": [WITHOUT_FACTOR]}


def conditions(org: str, which: UserFilter) -> dict[str, Any]:
    """All that must be true of an account to be on the page."""
    found: list[dict[str, Any]] = [{"org": org}]
    if which.after is not None:
        found.append(_after(which.order, which.after))
    if which.search:
        by_username = starts_with("username_key", username_key(which.search))
        found.append({"$or": [by_username, starts_with("folded_name", folded(which.search))]})
    if which.status is not None:
        found.append({"status": which.status.value})
    if which.role is not None:
        found.append({"roles": [] if which.role is RoleFilter.NONE else which.role.value})
    if which.has_factor is not None:
        found.append(WITH_FACTOR if which.has_factor else WITHOUT_FACTOR)
    if which.label is not None:
        found.append({"label": None if which.label is LabelFilter.NONE else which.label.value})
    return {"$and": found}


def order_of(order: UserOrder) -> list[tuple[str, int]]:
    if order is UserOrder.USERNAME:
        return [("org", 1), ("username_key", 1)]
    return [("org", 1), ("folded_name", 1), ("_id", 1)]


def _after(order: UserOrder, last: tuple[str, ...]) -> dict[str, Any]:
    if order is UserOrder.USERNAME:
        return {"username_key": {"$gt": last[0]}}
    name, account_id = last
    return {
        "folded_name": {"$gte": name},  # bounds the index; what follows settles equal names
        "$or": [{"folded_name": {"$gt": name}}, {"_id": {"$gt": account_id}}],
    }
