"""Reads the tests as text: which operations do they call by name?"""

import ast
from dataclasses import dataclass
from functools import cache
from typing import Final

from typing_extensions import override

from tests.support.processes import PROJECT

METHODS: Final = ("get", "post", "put", "patch", "delete")
ANY: Final = "\0"
"""Stands for the part of a path that a test fills in."""


@dataclass(frozen=True)
class Module:
    """A test module: the paths that it writes down and the words that say a method."""

    paths: frozenset[str]
    methods: frozenset[str]


class _Reader(ast.NodeVisitor):
    """Collects strings; a part of an f-string is resolved where this file says what its name is."""

    def __init__(self) -> None:
        self.named: dict[str, str] = {}
        self.strings: set[str] = set()
        self.methods: set[str] = set()

    @override
    def visit_Assign(self, node: ast.Assign) -> None:
        text = self.text_of(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and text is not None:
                self.named[target.id] = text
        self.generic_visit(node)

    @override
    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.strings.add(node.value)
            self.methods.add(node.value.lower())

    @override
    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.strings.add(self.text_of(node) or "")
        self.generic_visit(node)

    @override
    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.methods.add(node.attr)
        self.generic_visit(node)

    def text_of(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return "".join(self.text_of(part) or ANY for part in node.values)
        if isinstance(node, ast.FormattedValue):
            return self.text_of(node.value)
        if isinstance(node, ast.Name):
            return self.named.get(node.id)
        return None


@cache
def _modules() -> list[Module]:
    found = []
    for file in sorted((PROJECT / "tests").rglob("*.py")):
        reader = _Reader()
        reader.visit(ast.parse(file.read_text()))
        paths = {text.partition("?")[0] for text in reader.strings if "/" in text}
        methods = reader.methods & set(METHODS)
        found.append(Module(frozenset(paths), frozenset(methods)))
    return found


def is_hit(method: str, path: str) -> bool:
    wanted = path.split("/")[1:]
    return any(
        method in module.methods and any(names(text, wanted) for text in module.paths)
        for module in _modules()
    )


def names(text: str, wanted: list[str]) -> bool:
    """Whether a path in a test is one of this operation's; it may begin with a part left open."""
    given = text.split("/")
    if given[0] == ANY:
        tail = wanted[1 - len(given) :]
        is_part = 1 < len(given) <= len(wanted) and all(map(_fits, given[1:], tail))
        return is_part and bool(set(given[1:]) & set(tail))
    return not given[0] and len(given) - 1 == len(wanted) and all(map(_fits, given[1:], wanted))


def _fits(given: str, wanted: str) -> bool:
    if wanted.startswith("{"):
        return bool(given)
    return given == wanted
