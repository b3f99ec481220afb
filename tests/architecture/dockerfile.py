"""Reads the Dockerfile and what .dockerignore lets into its build."""

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Final

from tests.support.processes import PROJECT

DOCKERFILE: Final = PROJECT / "deploy/images/Dockerfile"
_CONTINUED: Final = re.compile(r"\\\n")
_COMMENT: Final = re.compile(r"^\s*#.*\n", re.MULTILINE)
_FLAG: Final = re.compile(r"--(\w+)=(\S+)\s+")


@dataclass(frozen=True)
class Instruction:
    name: str
    flags: dict[str, str]
    text: str

    @property
    def words(self) -> list[str]:
        return self.text.split()


@dataclass(frozen=True)
class Stage:
    """What follows a FROM: the image it starts from, its own name, and its instructions."""

    base: str
    name: str
    instructions: list[Instruction]

    def all(self, name: str) -> list[Instruction]:
        return [one for one in self.instructions if one.name == name]

    def last(self, name: str) -> Instruction:
        return self.all(name)[-1]

    @property
    def environment(self) -> dict[str, str]:
        pairs = [pair.partition("=") for one in self.all("ENV") for pair in one.words]
        return {name: value for name, _, value in pairs}


def stages() -> list[Stage]:
    found: list[Stage] = []
    text = _CONTINUED.sub(" ", _COMMENT.sub("", DOCKERFILE.read_text()))
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction = _instruction(line)
        if instruction.name == "FROM":
            base, *name = instruction.words
            found.append(Stage(base, name[1] if name else "", []))
        else:
            found[-1].instructions.append(instruction)
    return found


def copied(stage: Stage) -> list[tuple[str, str]]:
    """Pairs of source and destination that come from the project."""
    pairs = []
    for one in stage.all("COPY"):
        if "from" not in one.flags:
            *sources, destination = one.words
            pairs += [(source, destination) for source in sources]
    return pairs


def command(stage: Stage) -> list[str]:
    """The CMD in its exec form: a shell would not pass signals on."""
    words: list[str] = json.loads(stage.last("CMD").text)
    return words


def reaches_build(path: str) -> bool:
    """Whether .dockerignore lets this path through: the last pattern that fits decides."""
    decided = True
    for line in (PROJECT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _fits(path, pattern.removeprefix("!")):
            decided = pattern.startswith("!")
    return decided


def _fits(path: str, pattern: str) -> bool:
    """A pattern fits the path itself or any folder above it; `**/` stands for any depth."""
    steps = accumulate(PurePosixPath(path).parts, lambda above, name: f"{above}/{name}")
    if pattern.startswith("**/"):
        return any(fnmatchcase(step.rsplit("/", 1)[-1], pattern[3:]) for step in steps)
    parts = pattern.count("/")
    return any(step.count("/") == parts and fnmatchcase(step, pattern) for step in steps)


def _instruction(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    rest = rest.strip()
    flags = {}
    while flag := _FLAG.match(rest):
        flags[flag[1]] = flag[2]
        rest = rest[flag.end() :]
    return Instruction(name.upper(), flags, rest)
