"""The gateway's question: how does somebody stand to the place that a request names?"""

from dataclasses import dataclass, replace

from services.tenancy.deps import Deps
from services.tenancy.domain.activity import Activity
from services.tenancy.domain.places import Place, Standing, standing
from shared.access import Relation
from shared.context import cause
from shared.errors import NotFoundError
from shared.ids import VENDOR, OrgKind, kind_of, new_id
from shared.mongo.errors import DuplicateKeyError
from shared.outbox import Transaction


@dataclass(frozen=True)
class Asker:
    """Who is at the door."""

    org: str
    account: str | None = None
    session: str | None = None


async def find_standing(deps: Deps, place_id: str, asker: Asker) -> tuple[Standing, Relation]:
    """NotFoundError where there is no such place and where it is not the caller's to see alike."""
    place = await find_place(deps, place_id, asker)
    found = standing(asker.org, place, deps.now()) if place else None
    if found is None or place is None or found.relation is None:
        raise NotFoundError
    if place.is_tenant and found.relation is not Relation.OWN:
        await _note_entry(deps, place, asker, found)
    return found, found.relation


async def find_place(deps: Deps, place_id: str, asker: Asker) -> Place | None:
    """The place as it is for this asker, None where there is none."""
    match kind_of(place_id):
        case OrgKind.VENDOR:
            return Place(VENDOR, reseller_id=None)
        case OrgKind.RESELLER:
            reseller = await deps.resellers.get(place_id)
            return Place(reseller.id, reseller_id=reseller.id) if reseller else None
        case OrgKind.TENANT:
            return await _tenant(deps, place_id, asker)
        case None:
            return None


async def _tenant(deps: Deps, tenant_id: str, asker: Asker) -> Place | None:
    tenant = await deps.tenants.get(tenant_id)
    if tenant is None or tenant.is_deleted:
        return None
    now = deps.now()
    place = Place(tenant.id, tenant.reseller_id, tenant.valid_until(now))
    if asker.org == tenant.reseller_id:
        delegation = await deps.delegations.get(tenant_id)
        accesses = await deps.accesses.open_ones(tenant_id, asker.org)
        limit = await deps.limits.get(asker.account) if asker.account else None
        return replace(place, delegation=delegation, accesses=tuple(accesses), limit=limit)
    if asker.org == VENDOR and asker.account:
        support = await deps.support_accesses.of(tenant_id, asker.account, now)
        return replace(place, support=tuple(support))
    return place


async def _note_entry(deps: Deps, place: Place, asker: Asker, found: Standing) -> None:
    """Once an hour for each session: that somebody from outside is in this tenant.

    Who is turned away at the threshold is not; whose roles nobody knows is taken to have entered.
    """
    if not asker.session or not asker.account:
        return
    now, session_id = deps.now(), asker.session
    hour = now.strftime("%Y-%m-%dT%H")
    if await deps.entered.has(session_id, place.id, hour):
        return
    account = await deps.accounts.get(asker.account)
    if account is not None and set(account.roles) <= found.outside:
        return
    activity = Activity(
        id=new_id(),
        place=place.id,
        at=now,
        what="tenant.entered",
        subject=place.id,
        actor=asker.account,
        actor_org=asker.org,
        reason=None,
        request_id=cause().request_id,
    )

    async def act(transaction: Transaction) -> None:
        session = transaction.session
        await deps.entered.add(session_id, place.id, hour, now, session)
        await deps.waiting_activities.add(activity, [place.id, asker.org], now, session)

    try:
        await deps.transact(act)
    except DuplicateKeyError:
        return  # another question of the same session was quicker
