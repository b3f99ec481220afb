"""What whoever is at the door may do in the place that it names."""

from collections.abc import Sequence

from services.gateway.domain.trust import Known
from shared.access import Permission, Relation, ceiling, permissions


def allowed(known: Known, held: Sequence[str], stands: Relation) -> frozenset[Permission]:
    """A person may do what its roles allow in a place of this relation, a machine what its key
    holds: never more than its token was narrowed to, nor than anybody of its organisation.
    """
    if not known.is_machine:
        return permissions(held, stands)
    scope = frozenset(held) if known.scope is None else known.scope.intersection(held)
    return frozenset(one for one in ceiling(known.org, stands) if one in scope)
