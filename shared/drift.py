"""What the two sides of a synchronisation have, compared by digests.

A record's digest is the SHA-256 of its JSON: keys sorted, no spaces, UTF-8, nothing for what is
null. A kind's checksum is that of one line `id digest` per record, sorted, each with its line end;
a reseller's is that of one line `kind checksum` per kind.

Checksums are compared first. Where a kind's differs, those of ranges are told, and then only the
records of the ranges that differ are named: no message grows with what there is.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from shared.contracts.events import Event
from shared.contracts.reseller_portal import ChecksumsCompared, RecordsCompared
from shared.contracts.sync import Difference, IdRange, RangeChecksum
from shared.inbox import Received
from shared.outbox import Transaction

PORTION: Final = 1_000
"""How many records are read at a time, so that others have their turn between."""
_SHOWN: Final = 1_000
_AGAIN: Final = 5_000
"""How many records of a kind one comparison has sent again at most: an act has an end."""
_RANGE: Final = 500
_MOST_RANGES: Final = 400
"""Of a kind: what has more records than these hold has longer ranges."""


@dataclass(frozen=True)
class Kept:
    """A record as it would be told."""

    record: Event
    sequence: int

    @property
    def id(self) -> str:
        return self.record.subject

    @property
    def digest(self) -> str:
        return digest_of(self.record.model_dump(mode="json", exclude_none=True))


Reader: TypeAlias = Callable[[IdRange], AsyncIterator[Iterable[Kept]]]
"""Reads a company's records of one kind in a range, portion by portion, in any order."""


def in_range(within: IdRange) -> dict[str, Any]:
    """The condition for the records of a range, for documents that are called by their ids."""
    bounds = {"$gt": within.after, "$lte": within.until}
    said = {operator: name for operator, name in bounds.items() if name is not None}
    return {"_id": said} if said else {}


def digest_of(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def checksum_of(digests: Mapping[str, str]) -> str:
    """Of a kind, by its records' digests; of a reseller, by its kinds' checksums."""
    lines = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


async def answer_checksums(
    received: Received[ChecksumsCompared],
    readers: Mapping[str, Reader],
    reported: Callable[..., Event],
    tx: Transaction,
) -> bool:
    """Tell what each kind that is kept here comes to, and of those that differ each range; False
    where no kind of ours was asked for.
    """
    there = {kind: said for kind, said in received.body.checksums.items() if kind in readers}
    if not there:
        return False
    checksums, ranges = {}, list[RangeChecksum]()
    for kind in sorted(there):
        digests = await _digests(readers[kind])
        checksums[kind] = checksum_of(digests)
        if checksums[kind] != there[kind]:
            ranges += _ranges(kind, digests)
    report = reported(
        comparison_id=received.envelope.correlationid,
        reseller_id=received.body.reseller_id,
        checksums=checksums,
        checksums_there=there,
        ranges=ranges,
    )
    tx.publish(report)
    return True


async def _digests(reader: Reader) -> dict[str, str]:
    return {one.id: one.digest async for portion in reader(IdRange()) for one in portion}


def _ranges(kind: str, digests: Mapping[str, str]) -> list[RangeChecksum]:
    """Ranges that together hold every id that there may be, each with few of these."""
    names = sorted(digests)
    size = max(_RANGE, -(-len(names) // _MOST_RANGES))
    parts = [names[start : start + size] for start in range(0, len(names), size)] or [[]]
    return [
        RangeChecksum(
            kind=kind,
            after=parts[number - 1][-1] if number else None,
            until=part[-1] if number < len(parts) - 1 else None,
            records=len(part),
            checksum=checksum_of({name: digests[name] for name in part}),
        )
        for number, part in enumerate(parts)
    ]


async def answer_comparison(
    received: Received[RecordsCompared],
    readers: Mapping[str, Reader],
    reported: Callable[..., Event],
    tx: Transaction,
) -> bool:
    """Tell what differs of the kinds that are kept here, and send again what is to be changed
    there; False where no kind of ours was asked for.
    """
    said = received.body
    ranges = {str(kind): within for kind, within in (said.ranges or {}).items() if kind in readers}
    compared = [
        await _compare(kind, readers[kind], ranges.get(kind, IdRange()), digests)
        for kind, digests in sorted(said.digests.items())
        if kind in readers
    ]
    if not compared:
        return False
    found = [one for each in compared for one in each.differences]
    again = [one for each in compared for one in each.again]
    for one in again:
        tx.publish(one.record, sequence=one.sequence)
    report = reported(
        comparison_id=received.envelope.correlationid,
        reseller_id=said.reseller_id,
        checksums={each.kind: each.checksum for each in compared},
        checksums_there={each.kind: each.checksum_there for each in compared},
        differences=found[:_SHOWN],
        different=len(found),
        part_of=said.part_of,
        ranges=ranges or None,
    )
    tx.publish(report)
    return True


@dataclass
class _Compared:
    """What has come of comparing the records of one kind."""

    kind: str
    checksum: str
    checksum_there: str
    differences: Sequence[Difference]
    again: Sequence[Kept]
    """What is not there as it is here, as far as one comparison sends it again."""


async def _compare(
    kind: str, reader: Reader, within: IdRange, there: Mapping[str, str]
) -> _Compared:
    ours, again, found = dict[str, str](), list[Kept](), list[Difference]()
    async for portion in reader(within):
        for one in portion:
            digest = ours[one.id] = one.digest
            if there.get(one.id) != digest and len(again) < _AGAIN:
                again.append(one)
    for name in sorted({*ours, *there}):
        if name not in ours:
            found.append(Difference(kind=kind, id=name, how="missing_here"))
        elif name not in there:
            found.append(Difference(kind=kind, id=name, how="missing_there"))
        elif ours[name] != there[name]:
            found.append(Difference(kind=kind, id=name, how="differs"))
    return _Compared(kind, checksum_of(ours), checksum_of(there), found, again)
