"""The documents for people name only what exists, and lead from one to the other."""

import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from pydantic_settings import BaseSettings

from portal.cli import _Demo, main
from portal.embedded import Environment
from shared.settings import _Where
from tests.support.processes import PROJECT
from tools.docs import SETTINGS, variables

DECISIONS: Final = sorted((PROJECT / "docs/adr").glob("*.md"))
DOCUMENTS: Final = [
    *sorted(PROJECT.glob("*.md")),
    *sorted((PROJECT / "docs").glob("*.md")),
    *DECISIONS,
]

_FENCE: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\bPORTAL_[A-Z][A-Z0-9_]*[A-Z0-9]\b")
_PATH: Final = re.compile(
    r"(?:services|shared|portal|deploy|tests|bench|tools|docs|requirements)/[\w./-]*"
)


def each(documents: Iterable[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "document", [pytest.param(one, id=str(one.relative_to(PROJECT))) for one in documents]
    )


def prose(text: str) -> str:
    """The text without its code."""
    return _SPAN.sub("", _FENCE.sub("", text))


def code(text: str) -> Iterator[str]:
    """Every piece of code: lines of shell blocks, other blocks whole, and what is in backticks."""
    for _, language, block in _FENCE.findall(text):
        yield from block.splitlines() if language == "sh" else [block]
    yield from _SPAN.findall(_FENCE.sub("", text))


def commands(text: str, name: str) -> Iterator[list[str]]:
    """The arguments of every call of this program, by name or from the virtual environment."""
    call = re.compile(rf"(?:^|\$\(|: )(?:\.venv/bin/)?{name}(?= |$)([^|)]*)")
    for piece in code(text):
        for arguments in call.findall(piece.strip()):
            yield shlex.split(arguments, comments=True)


def anchors(document: Path) -> set[str]:
    """The marks that a link into this document can end in."""
    headings = _HEADING.findall(_FENCE.sub("", document.read_text()))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """The files that a document leads to, and where in them."""
    for target in _LINK.findall(prose(document.read_text())):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield ((document.parent / path).resolve() if path else document), anchor


def test_there_are_documents_to_look_at() -> None:
    names = {document.name for document in DOCUMENTS}

    assert {"README.md", "CONTRIBUTING.md", "architecture.md", "runbook.md"} <= names
    assert len(DECISIONS) >= 9


@each(DOCUMENTS)
def test_links_lead_somewhere(document: Path) -> None:
    broken = [
        f"{target}#{anchor}"
        for target, anchor in links(document)
        if not target.exists() or (anchor and anchor not in anchors(target))
    ]

    assert broken == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, to_read = set[Path](), [PROJECT / "README.md"]
    while to_read:
        document = to_read.pop()
        reached.add(document)
        to_read += {target for target, _ in links(document) if target.suffix == ".md"} - reached

    assert set(DOCUMENTS) <= reached


@each(DOCUMENTS)
def test_every_make_target_exists(document: Path) -> None:
    known = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))

    named = {word for words in commands(document.read_text(), "make") for word in words}

    assert {word for word in named if "=" not in word} <= known


@each(DOCUMENTS)
def test_every_portal_command_exists_with_its_options(document: Path) -> None:
    for words in commands(document.read_text(), "portal"):
        assert objection(main, words) is None, words


def objection(command: click.Command, words: list[str]) -> str | None:
    """What is wrong with this call of a command, None where nothing is."""
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.commands.get(words[0])
        return objection(inner, words[1:]) if inner else f"no command {words[0]}"
    known = {option for parameter in command.params for option in parameter.opts}
    unknown = {word for word in words if word.startswith("--")} - known - {"--help"}
    return f"no options {unknown}" if unknown else None


@each(DOCUMENTS)
def test_options_given_through_make_exist(document: Path) -> None:
    for words in commands(document.read_text(), "make"):
        if "up" in words:
            given = [word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")]
            assert objection(main.commands["up"], shlex.split(" ".join(given))) is None, words


@each(DOCUMENTS)
def test_every_setting_exists(document: Path) -> None:
    kinds: list[type[BaseSettings]] = [*SETTINGS.values(), _Demo, Environment, _Where]
    known = {f"PORTAL_{name.upper()}" for kind in kinds for name in kind.model_fields}

    assert set(_VARIABLE.findall(document.read_text())) <= known


def test_every_setting_of_a_service_is_in_the_reference() -> None:
    reference = (PROJECT / "docs/settings.md").read_text()
    known = {variable for kind in SETTINGS.values() for variable, _ in variables(kind)}

    assert {variable for variable in known if f"`{variable}`" not in reference} == set()


@each(DOCUMENTS)
def test_every_file_and_folder_exists(document: Path) -> None:
    named = {piece for piece in code(document.read_text()) if _PATH.fullmatch(piece)}

    assert {path for path in named if not (PROJECT / path).exists()} == set()


@each(DECISIONS)
def test_a_decision_fits_on_a_page_and_tells_its_cost(document: Path) -> None:
    text = document.read_text()

    assert len(text.splitlines()) <= 40
    assert _HEADING.findall(text)[1:] == ["Context", "Choice", "Cost"]
    assert text.startswith(f"# {document.name[:4]} ")


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(document.name[:4]) for document in DECISIONS]

    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize(
    ("words", "is_known"),
    [
        ("up --port 1", True),
        ("demo accounts --json", True),
        ("demo code 123456.sms admin", True),
        ("up --prot 1", False),
        ("demo nothing", False),
        ("dmeo", False),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(words: str, *, is_known: bool) -> None:
    text = f"Run this:\n\n```sh\n.venv/bin/portal {words}\n```\n\nor `portal {words}`.\n"

    found = list(commands(text, "portal"))

    assert found == [words.split()] * 2
    assert (objection(main, found[0]) is None) is is_known
