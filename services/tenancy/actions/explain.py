"""Why an account may or may not do something in a place: the gateway's decision, with its facts."""

from dataclasses import dataclass
from typing import Final

from services.tenancy.actions.places import Asker, find_place
from services.tenancy.deps import Deps
from services.tenancy.domain.places import Fact, Place, Standing, standing
from shared.access import THRESHOLD, Permission, permissions_here
from shared.errors import ForbiddenError, NotFoundError
from shared.ids import VENDOR, OrgKind, kind_of

_CLOSED: Final = {"suspended", "terminated", "offboarding", "deleted"}
"""An organisation whose people are signed out and don't get in."""


@dataclass(frozen=True)
class Explanation:
    standing: Standing
    permissions: frozenset[Permission]
    facts: tuple[Fact, ...]


async def explain(deps: Deps, place_id: str, account_id: str, *, by_org: str) -> Explanation:
    """NotFoundError where there is no such place or account; ForbiddenError but for the vendor."""
    if by_org != VENDOR:
        raise ForbiddenError
    account = await deps.accounts.get(account_id)
    if account is None:
        raise NotFoundError
    place = await find_place(deps, place_id, Asker(account.org, account.id))
    if place is None:
        raise NotFoundError
    found = standing(account.org, place, deps.now())
    facts = [
        Fact("account", "active" if account.is_active else "not active", account.is_active),
        Fact("roles", " ".join(account.roles) or "none", bool(account.roles)),
        *await _organisations(deps, account.org, place),
        *found.facts,
    ]
    allowed: frozenset[Permission] = frozenset()
    is_let_in = account.is_active and await _status(deps, account.org) not in _CLOSED
    if found.relation is not None and is_let_in:
        allowed = permissions_here(
            account.roles, found.relation, cap=found.cap, outside=found.outside
        )
    if allowed <= THRESHOLD:
        facts.append(Fact("decision", "the place is as absent as any other", is_in_favour=False))
    return Explanation(found, allowed, tuple(facts))


async def _organisations(deps: Deps, org: str, place: Place) -> list[Fact]:
    """What the organisations are said to be; a suspended one's sessions have ended."""
    facts = []
    for about, one in (("organisation", org), ("place", place.id)):
        status = await _status(deps, one)
        if status is not None:
            facts.append(Fact(about, f"{one} is {status}", status not in _CLOSED))
    return facts


async def _status(deps: Deps, org: str) -> str | None:
    match kind_of(org):
        case OrgKind.RESELLER:
            reseller = await deps.resellers.get(org)
            return str(reseller.status) if reseller else None
        case OrgKind.TENANT:
            tenant = await deps.tenants.get(org)
            return str(tenant.status) if tenant else None
        case _:
            return None
