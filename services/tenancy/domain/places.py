"""Who stands how to a place: the one decision that the gateway asks for at each request."""

from dataclasses import dataclass
from datetime import datetime

from shared.access import Relation
from shared.ids import VENDOR, OrgKind, kind_of


@dataclass(frozen=True)
class Place:
    """An organisation that a path can name."""

    id: str
    reseller_id: str | None
    """The reseller that the place belongs to: a tenant's, or the reseller itself."""
    valid_until: datetime | None = None
    """For a tenant with a valid licence: when that would end."""


@dataclass(frozen=True)
class Standing:
    """How somebody's organisation stands to a place, and until when that can be relied on."""

    place: str
    relation: Relation
    reseller_id: str | None
    valid_until: datetime | None


def standing(caller_org: str, place: Place) -> Standing | None:
    """The answer to the gateway; None where the place doesn't exist for this organisation."""
    found = relation(caller_org, place)
    if found is None:
        return None
    until = place.valid_until if found is Relation.ASSIGNED else None
    return Standing(place.id, found, place.reseller_id, until)


def relation(caller_org: str, place: Place) -> Relation | None:
    """How this organisation stands to this place, None where it doesn't.

    The vendor is at home everywhere, everybody in the own organisation (whatever its licence), and
    a reseller in the tenants assigned to it that hold a valid licence.
    """
    if caller_org == VENDOR:
        return Relation.VENDOR
    if caller_org == place.id:
        return Relation.OWN
    is_assigned = kind_of(place.id) is OrgKind.TENANT and caller_org == place.reseller_id
    if is_assigned and place.valid_until is not None:
        return Relation.ASSIGNED
    return None
