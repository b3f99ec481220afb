"""The fixed table of public operations, read from the OpenAPI document that the services generate.

What is not documented there does not exist. Paths are matched as they came, segment by segment,
with nothing decoded: an id never needs encoding, so a path that has any is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.callers import OPEN, Caller
from shared.errors import DomainError, ForbiddenError, NotFoundError
from shared.idempotency import HEADER
from shared.ids import VENDOR, VENDOR_PATHS

_CANONICAL: Final = re.compile(r"(?:/[A-Za-z0-9_~.-]+)+")
_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_OF_PEOPLE: Final = frozenset({Caller.SIGNED_IN, Caller.SIGNED_IN_OR_ENROLLING})


class MalformedPathError(DomainError):
    code = "malformed_path"
    detail = "No path of the portal is written like this."


class MethodError(DomainError):
    status = 405
    code = "method_not_allowed"
    detail = "This path does not know that method."

    def __init__(self, allowed: list[str]) -> None:
        super().__init__()
        self.allowed = allowed


class PeopleOnlyError(ForbiddenError):
    code = "people_only"
    detail = "This is for people who have signed in, not for machines."


@dataclass(frozen=True)
class Operation:
    """One public operation: where it is carried out and who may call it."""

    method: str
    template: str
    service: str
    access: str
    """The permission that it needs, else who may call it (a `Caller`)."""
    place_group: int | None
    """Which of the path's variables, counted from 1, names the place."""
    fixed_place: str | None = None
    """The place that the path names without a variable."""
    is_keyed: bool = False
    """Whether it takes an Idempotency-Key, so that it may be sent again under one."""

    @property
    def is_open(self) -> bool:
        return self.access in OPEN

    @property
    def is_of_people(self) -> bool:
        """Whether it is about the own account, which a machine doesn't have."""
        return self.access in _OF_PEOPLE


class Table:
    """Finds the operation that a request names."""

    def __init__(self, document: Mapping[str, Any], patterns: Mapping[str, str]) -> None:
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._variable: dict[int, list[tuple[re.Pattern[str], dict[str, Operation]]]] = {}
        for path, item in document["paths"].items():
            names = _VARIABLE.findall(path)
            operations = {
                method.upper(): _operation(method.upper(), path, names, item[method])
                for method in _METHODS
                if method in item
            }
            if not names:
                self._fixed[path] = operations
                continue
            pattern = re.compile(
                _VARIABLE.sub(
                    lambda m: f"({patterns[m.group(1)]})",
                    re.escape(path).replace(r"\{", "{").replace(r"\}", "}"),
                )
            )
            self._variable.setdefault(path.count("/"), []).append((pattern, operations))

    def find(self, method: str, path: str) -> tuple[Operation, str | None]:
        """The operation and the place that the path names, where it names one.

        Raises MalformedPathError, NotFoundError or MethodError.
        """
        operations, found = self._fixed.get(path), None
        if operations is None:
            if not _CANONICAL.fullmatch(path) or "/." in path:
                raise MalformedPathError
            for pattern, candidates in self._variable.get(path.count("/"), ()):
                found = pattern.fullmatch(path)
                if found is not None:
                    operations = candidates
                    break
        if operations is None:
            raise NotFoundError
        operation = operations.get(method)
        if operation is None:
            raise MethodError(sorted(operations))
        if found is None or operation.place_group is None:
            return operation, operation.fixed_place
        return operation, found.group(operation.place_group)


NOWHERE: Final = Operation("GET", "none", "none", "none", None)
"""What stands for an operation where none was found; nobody carries it out."""


def _operation(method: str, path: str, names: list[str], item: Mapping[str, Any]) -> Operation:
    place = next((names.index(name) + 1 for name in ("tid", "rid") if name in names), None)
    fixed = VENDOR if path.startswith(VENDOR_PATHS) else None
    is_keyed = {"$ref": f"#/components/parameters/{HEADER}"} in item.get("parameters", ())
    access = item["x-permission"] or item["x-access"]
    return Operation(method, path, item["x-service"], access, place, fixed, is_keyed)
