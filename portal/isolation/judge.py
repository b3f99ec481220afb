"""What is looked for in answers: marks that are not for the caller, refusals that tell apart."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_CHANGING: Final = frozenset({b"date", b"x-request-id", b"ratelimit"})
"""Headers that differ from answer to answer, whatever was asked."""


@dataclass(frozen=True)
class Answer:
    """What came back, and what it was asked with."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    request_id: str

    @property
    def text(self) -> str:
        headers = b"\n".join(name + b": " + value for name, value in self.headers)
        return (headers + b"\n\n" + self.body).decode(errors="replace")

    def header(self, name: bytes) -> str | None:
        found = (value.decode() for each, value in self.headers if each.lower() == name.lower())
        return next(found, None)

    def plain(self, *said: str) -> tuple[int, bytes]:
        """All of it, byte for byte, save for what changes and what the caller said itself."""
        lines = [
            name + b": " + value for name, value in self.headers if name.lower() not in _CHANGING
        ]
        whole = b"\n".join([*lines, b"", self.body])
        for one in (self.request_id, *said):
            whole = whole.replace(one.encode(), b"-")
        return self.status, whole


@dataclass(frozen=True)
class Finding:
    """Something that should not be."""

    rule: str
    who: str
    where: str
    what: str


def strangers(found: Collection[str], allowed: Collection[str], said: str) -> set[str]:
    """The marks that are not for the caller and that it did not say itself."""
    return {mark for mark in found if mark not in allowed and mark not in said.lower()}


def different(answers: Mapping[str, tuple[int, bytes]]) -> list[str]:
    """Which of these answers is another one than most are, each with how it begins."""
    counted: dict[tuple[int, bytes], list[str]] = {}
    for name, answer in answers.items():
        counted.setdefault(answer, []).append(name)
    if len(counted) < 2:  # noqa: PLR2004 all are one
        return []
    groups: Sequence[tuple[tuple[int, bytes], list[str]]] = sorted(
        counted.items(), key=lambda one: -len(one[1])
    )
    return [f"{', '.join(names)}: {status}" for (status, _), names in groups]
