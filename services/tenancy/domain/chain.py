"""The activity of each organisation as a chain: every row carries the hash of the one before it.

A row's hash is SHA-256 over its fields as JSON, sorted by name, without spaces, in UTF-8 (for such
values that is RFC 8785). The head says where the chain ends, and where its old end was cut off; it
is signed, so that neither end can be moved by whoever writes to the database alone.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from services.tenancy.domain.activity import Activity

Fields: TypeAlias = Mapping[str, Any]
NOTHING: Final = "0" * 64
"""The hash before the first row."""


@dataclass(frozen=True)
class Head:
    """Both ends of a chain."""

    chain: str
    sequence: int = 0
    hash: str = NOTHING
    cut_sequence: int = 0
    """The last row that was cut off when it was no longer to be kept."""
    cut_hash: str = NOTHING


@dataclass(frozen=True)
class Entry:
    """A row in its place in a chain."""

    chain: str
    sequence: int
    previous: str
    activity: Activity
    hash: str = ""

    def fields(self) -> dict[str, Any]:
        """The row as it is exported."""
        activity = self.activity
        return {
            "chain": self.chain,
            "sequence": self.sequence,
            "id": activity.id,
            "at": instant(activity.at),
            "place": activity.place,
            "what": activity.what,
            "subject": activity.subject,
            "actor": activity.actor,
            "actor_org": activity.actor_org,
            "reason": activity.reason,
            "request_id": activity.request_id,
            "details": dict(activity.details),
            "previous": self.previous,
            "hash": self.hash,
        }


def link(head: Head, activities: Iterable[Activity]) -> tuple[list[Entry], Head]:
    """These at the end of the chain, and the end as it is then."""
    entries = []
    for activity in activities:
        bare = Entry(head.chain, head.sequence + 1, head.hash, activity)
        entry = replace(bare, hash=digest(bare.fields()))
        head = replace(head, sequence=entry.sequence, hash=entry.hash)
        entries.append(entry)
    return entries, head


def digest(fields: Fields) -> str:
    bare = {name: value for name, value in fields.items() if name != "hash"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def instant(at: datetime) -> str:
    """To the millisecond, which is what the database keeps."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Walk:
    """Goes along a chain from its old end and says what is wrong with it."""

    chain: str
    sequence: int = 0
    hash: str = NOTHING
    passed: dict[int, str] = field(default_factory=dict)
    """The hashes at the sequences that `watched` names."""
    watched: frozenset[int] = frozenset()

    @classmethod
    def of(cls, head: Head, watched: Iterable[int] = ()) -> "Walk":
        found = cls(head.chain, head.cut_sequence, head.cut_hash, watched=frozenset(watched))
        found.passed[head.cut_sequence] = head.cut_hash
        return found

    def step(self, row: Fields) -> Iterator[str]:
        """Take the next row; yields what is wrong with it."""
        sequence = row.get("sequence")
        if row.get("chain") != self.chain:
            yield f"row {sequence} belongs to another chain"
        if sequence != self.sequence + 1:
            yield f"row {sequence} follows row {self.sequence}: deleted or moved"
        elif row.get("previous") != self.hash:
            yield f"row {sequence} does not continue row {self.sequence}: altered or moved"
        found = digest(row)
        if row.get("hash") != found:
            yield f"row {sequence} is not what it was when it was written: altered"
        if isinstance(sequence, int):
            self.sequence = sequence
            if sequence in self.watched:
                self.passed[sequence] = found
        self.hash = found

    def end(self, head: Head) -> Iterator[str]:
        """Compare with where the chain is said to end."""
        if self.sequence < head.sequence:
            yield f"the chain ends at row {self.sequence}, not {head.sequence}: its end was cut off"
        elif self.sequence > head.sequence:
            yield f"nobody vouches for what follows row {head.sequence}"
        elif self.hash != head.hash:
            yield f"row {self.sequence} is not the one that the head vouches for"
