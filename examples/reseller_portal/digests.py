"""What records come to: digests, checksums, and ranges of them that fit into a message."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

RANGE = 500
"""How many records a message names: some 50 KiB."""


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the record as JSON: keys sorted, no spaces, UTF-8, nothing for what is null."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def checksum(digests: Mapping[str, str]) -> str:
    """SHA-256 of one line `name digest` each, by name: of a kind, or of a company's kinds."""
    lines = "".join(f"{name} {digests[name]}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()


def within(digests: Mapping[str, str], after: str | None, until: str | None) -> dict[str, str]:
    """The records whose ids come after one and not after the other; None is no limit."""
    return {
        name: found
        for name, found in digests.items()
        if (after is None or name > after) and (until is None or name <= until)
    }


def ranges(
    digests: Mapping[str, str], after: str | None, until: str | None
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """A range in such a few that each can be named record by record: limits and records."""
    names = sorted(digests)
    parts = [names[start : start + RANGE] for start in range(0, len(names), RANGE)] or [[]]
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        limits = {
            "after": parts[number - 1][-1] if number else after,
            "until": until if is_last else part[-1],
        }
        said = {name: limit for name, limit in limits.items() if limit is not None}
        yield said, {name: digests[name] for name in part}
