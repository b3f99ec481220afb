"""What the two sides of a synchronisation have, compared by digests.

A record's digest is the SHA-256 of its JSON: keys sorted, no spaces, UTF-8, nothing for what is
null. A kind's checksum is that of one line `id digest` per record, sorted, each with its line end.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.contracts.events import Event
from shared.contracts.reseller_portal import RecordsCompared
from shared.contracts.sync import Difference
from shared.inbox import Received
from shared.outbox import Transaction

_SHOWN: Final = 1_000


@dataclass(frozen=True)
class Kept:
    """A record as it would be told."""

    record: Event
    sequence: int

    @property
    def digest(self) -> str:
        return digest_of(self.record.model_dump(mode="json", exclude_none=True))


def digest_of(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def checksum_of(digests: Mapping[str, str]) -> str:
    lines = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


def answer_comparison(
    received: Received[RecordsCompared],
    kept: Mapping[str, Sequence[Kept]],
    reported: Callable[..., Event],
    tx: Transaction,
) -> bool:
    """Tell what differs of the kinds that are kept here, and send again what is to be changed
    there; False where no kind of ours was asked for.
    """
    said = {kind: dict(received.body.digests[kind]) for kind in kept}  # type: ignore[index]  # kinds of ours that were said
    ours = {kind: {one.record.subject: one for one in kept[kind]} for kind in kept}
    if not said:
        return False
    found = [one for kind in sorted(kept) for one in _differences(kind, ours[kind], said[kind])]
    for one in found:
        if one.how != "missing_here":
            again = ours[one.kind][one.id]
            tx.publish(again.record, sequence=again.sequence)
    report = reported(
        comparison_id=received.envelope.correlationid,
        reseller_id=received.body.reseller_id,
        checksums={kind: checksum_of(_digests(ours[kind])) for kind in kept},
        checksums_there={kind: checksum_of(said[kind]) for kind in kept},
        differences=found[:_SHOWN],
        different=len(found),
    )
    tx.publish(report)
    return True


def _differences(
    kind: str, ours: Mapping[str, Kept], theirs: Mapping[str, str]
) -> list[Difference]:
    found = []
    for name, digest in sorted(_digests(ours).items()):
        if name not in theirs:
            found.append(Difference(kind=kind, id=name, how="missing_there"))
        elif theirs[name] != digest:
            found.append(Difference(kind=kind, id=name, how="differs"))
    gone = sorted(set(theirs) - set(ours))
    return found + [Difference(kind=kind, id=name, how="missing_here") for name in gone]


def _digests(kept: Mapping[str, Kept]) -> dict[str, str]:
    return {name: one.digest for name, one in kept.items()}
