"""How far both sides of the synchronisation have the same, as the last comparison found.

A comparison of checksums is followed by parts that name the records of the ranges that differ. The
reports of one comparison may come in any order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, get_args

from shared.contracts.reseller_portal import Kind
from shared.contracts.sync import Difference
from shared.drift import checksum_of

SHOWN: Final = 1_000
KINDS: Final = frozenset(get_args(Kind))


@dataclass(frozen=True)
class Differing:
    """A record that the two sides don't have alike, and since which comparison."""

    kind: str
    id: str
    how: str
    since: datetime


@dataclass(frozen=True)
class Report:
    """What one service says of a comparison, or of a part of one."""

    reseller_id: str
    service: str
    comparison_id: str
    reported_at: datetime
    checksums: Mapping[str, str]
    """Per kind of record, as it is here; none where only ranges were compared."""
    checksums_there: Mapping[str, str]
    differences: Sequence[Difference] = ()
    different: int = 0


@dataclass(frozen=True)
class Drift:
    """What was found when a service's records of a reseller were compared last."""

    reseller_id: str
    service: str
    comparison_id: str
    compared_at: datetime
    checksums: Mapping[str, str]
    """Per kind of record, as it is here."""
    checksums_there: Mapping[str, str]
    differences: tuple[Differing, ...]
    """At most the first 1,000."""
    different: int
    earlier: tuple[Differing, ...] = ()
    """What the comparison before had found."""

    @property
    def id(self) -> str:
        return f"{self.reseller_id}:{self.service}"

    @property
    def is_alike(self) -> bool:
        return self.different == 0 and self.checksums == self.checksums_there


def heard(known: Drift | None, report: Report) -> Drift | None:
    """The drift as it is known after this report; None where a later comparison is known."""
    if known is not None and known.comparison_id == report.comparison_id:
        return _joined(known, report)
    if known is not None and known.compared_at > report.reported_at:
        return None
    earlier = known.differences if known else ()
    fresh = Drift(
        reseller_id=report.reseller_id,
        service=report.service,
        comparison_id=report.comparison_id,
        compared_at=report.reported_at,
        checksums={},
        checksums_there={},
        differences=(),
        different=0,
        earlier=earlier,
    )
    return _joined(fresh, report)


def _joined(known: Drift, report: Report) -> Drift:
    since = {(one.kind, one.id): one.since for one in known.earlier}
    more = tuple(
        Differing(one.kind, one.id, one.how, since.get((one.kind, one.id), report.reported_at))
        for one in report.differences
    )
    return replace(
        known,
        compared_at=max(known.compared_at, report.reported_at),
        checksums={**known.checksums, **report.checksums},
        checksums_there={**known.checksums_there, **report.checksums_there},
        differences=(known.differences + more)[:SHOWN],
        different=known.different + report.different,
    )


@dataclass(frozen=True)
class Company:
    """All that a reseller has, on either side, as the last comparison found."""

    reseller_id: str
    compared_at: datetime
    checksum: str | None
    """None until all kinds were compared."""
    checksum_there: str | None
    different: int

    @property
    def is_alike(self) -> bool:
        return self.checksum is not None and self.checksum == self.checksum_there


def company(drifts: Sequence[Drift]) -> Company:
    """One reseller's, by what each service has found in the same, the last comparison."""
    newest = max(drifts, key=lambda one: one.compared_at)
    last = [one for one in drifts if one.comparison_id == newest.comparison_id]
    here = {kind: checksum for one in last for kind, checksum in one.checksums.items()}
    there = {kind: checksum for one in last for kind, checksum in one.checksums_there.items()}
    is_whole = here.keys() >= KINDS
    return Company(
        reseller_id=newest.reseller_id,
        compared_at=newest.compared_at,
        checksum=checksum_of(here) if is_whole else None,
        checksum_there=checksum_of(there) if is_whole else None,
        different=sum(one.different for one in last),
    )
