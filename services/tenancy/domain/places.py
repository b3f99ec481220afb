"""Who stands how to a place: the one decision that the gateway asks for at each request.

It is made and explained by one function, so that no explanation tells another story.
"""

from dataclasses import dataclass, field
from datetime import datetime

from services.tenancy.domain.access_requests import Access, granted
from services.tenancy.domain.customer_limits import CustomerLimit
from services.tenancy.domain.delegation import Delegation, Level
from services.tenancy.domain.support_access import SupportAccess
from shared.access import Permission, Relation, Role
from shared.ids import VENDOR, OrgKind, kind_of


@dataclass(frozen=True)
class Place:
    """An organisation that a path can name."""

    id: str
    reseller_id: str | None
    """The reseller that the place belongs to: a tenant's, or the reseller itself."""
    valid_until: datetime | None = None
    """For a tenant with a valid licence: when that would end."""
    delegation: Delegation | None = None
    """What a tenant lets its reseller do."""
    accesses: tuple[Access, ...] = ()
    """What its reseller was granted for a time."""
    limit: CustomerLimit | None = None
    """To which of its reseller's customers the caller is limited."""
    support: tuple[SupportAccess, ...] = ()
    """Who of the vendor's support has entered, as far as it is about the caller."""

    @property
    def is_tenant(self) -> bool:
        return kind_of(self.id) is OrgKind.TENANT


@dataclass(frozen=True)
class Fact:
    """One thing that the decision rests on."""

    about: str
    says: str
    is_in_favour: bool = True


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a place, and until when that can be relied on."""

    place: str
    relation: Relation | None
    """None where the place doesn't exist for this organisation."""
    reseller_id: str | None
    valid_until: datetime | None = None
    cap: frozenset[Permission] | None = None
    """The most that anybody of that organisation may do here; None where it is up to roles."""
    outside: frozenset[Role] = frozenset()
    """Roles that have not entered; nothing is theirs here but to enter."""
    facts: tuple[Fact, ...] = field(default=())


def standing(caller_org: str, place: Place, now: datetime) -> Standing:
    if caller_org == VENDOR:
        return _vendors(place, now)
    if caller_org == place.id:
        own = Fact("relation", "own: the account belongs to this organisation")
        return Standing(place.id, Relation.OWN, place.reseller_id, facts=(own,))
    if place.is_tenant and caller_org == place.reseller_id:
        return _resellers(place, now)
    foreign = Fact("relation", "none: another organisation's place", is_in_favour=False)
    return Standing(place.id, None, place.reseller_id, facts=(foreign,))


def _vendors(place: Place, now: datetime) -> Standing:
    facts = [Fact("relation", "vendor: at home everywhere")]
    if not place.is_tenant:
        return Standing(place.id, Relation.VENDOR, place.reseller_id, facts=tuple(facts))
    ends = [one.ends_at for one in place.support if one.begins_at <= now < one.ends_at]
    until = max(ends, default=None)
    has = f"entered until {until.isoformat()}" if until else "not entered"
    facts.append(Fact("support access", has, is_in_favour=until is not None))
    outside = frozenset() if until else frozenset({Role.SUPPORT})
    return Standing(
        place.id, Relation.VENDOR, place.reseller_id, until, outside=outside, facts=tuple(facts)
    )


def _resellers(place: Place, now: datetime) -> Standing:
    """In the reseller's own customer: with a valid licence, as far as the customer lets it, for
    whom of the staff it is one.
    """
    if place.limit is not None and not place.limit.admits(place.id):
        limited = Fact("customers", "limited to others of the reseller's", is_in_favour=False)
        return Standing(place.id, None, place.reseller_id, facts=(limited,))
    delegation = place.delegation or Delegation(place.id)
    until, cap, for_a_time = place.valid_until, delegation.cap, granted(place.accesses, now)
    ends = [one.ends_at for one in place.accesses if one.is_active(now) and one.ends_at]
    is_open = cap is None or bool(cap | for_a_time)
    facts = (
        Fact("relation", "assigned: the reseller's own customer"),
        Fact(
            "licence",
            f"valid until {until.isoformat()}" if until else "none is valid",
            is_in_favour=until is not None,
        ),
        Fact("delegation", delegation.level, is_in_favour=delegation.level is not Level.NONE),
        *(_fact_of(one, now) for one in place.accesses),
    )
    if until is None or not is_open:
        return Standing(place.id, None, place.reseller_id, facts=facts)
    if cap is not None:
        cap, until = cap | for_a_time, min([until, *ends])
    return Standing(place.id, Relation.ASSIGNED, place.reseller_id, until, cap, facts=facts)


def _fact_of(access: Access, now: datetime) -> Fact:
    ends = f" until {access.ends_at.isoformat()}" if access.ends_at else ""
    says = f"{' '.join(access.roles)}: {access.state}{ends}"
    return Fact("access for a time", says, is_in_favour=access.is_active(now))
