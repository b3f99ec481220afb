"""What whoever is at the door may do in the place that it names."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from services.gateway.domain.trust import Known
from shared.access import READS, Permission, Relation, ceiling, permissions_here


def allowed(
    known: Known,
    held: Sequence[str],
    stands: Relation,
    *,
    cap: Iterable[str] | None = None,
    outside: Iterable[str] = (),
) -> frozenset[Permission]:
    """A person may do what its roles allow in a place of this relation, a machine what its key
    holds: never more than its token was narrowed to, nor than anybody of its organisation, nor
    than the place lets in (`cap`). Roles that are `outside` have yet to enter.
    """
    if not known.is_machine:
        return permissions_here(held, stands, cap=cap, outside=outside)
    scope = frozenset(held) if known.scope is None else known.scope.intersection(held)
    most = ceiling(known.org, stands) if cap is None else ceiling(known.org, stands) & {*cap}
    return frozenset(one for one in most if one in scope)


@lru_cache(maxsize=1000)
def reads_of(granted: frozenset[Permission]) -> frozenset[Permission]:
    """What of this is reading; one set for all decisions that allow the same."""
    return granted & READS
