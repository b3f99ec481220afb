"""Route tables: what an operation takes and answers, and who may call it."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, Self, TypeAlias, TypeVar

from aiohttp import web
from pydantic import BaseModel

from shared.access import STEP_UP, Permission
from shared.callers import Caller
from shared.errors import DomainError
from shared.idempotency import Keyed
from shared.ids import OPAQUE_PATTERN, RESELLER_PATTERN, TENANT_PATTERN
from shared.models import Model, Nothing
from shared.passes import Pass

D = TypeVar("D")
B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)
PATH_PATTERNS: Final = {
    "tid": TENANT_PATTERN,
    "rid": RESELLER_PATTERN,
    "place": rf"vendor|{RESELLER_PATTERN}|{TENANT_PATTERN}",
    "id": OPAQUE_PATTERN,
    "lid": OPAQUE_PATTERN,
    "did": OPAQUE_PATTERN,
    "wid": OPAQUE_PATTERN,
    "month": r"20[0-9]{2}-(?:0[1-9]|1[0-2])",
    "product": OPAQUE_PATTERN,
    "uid": OPAQUE_PATTERN,
}


Access: TypeAlias = Caller | Permission


@dataclass(frozen=True)
class Reply(Generic[M]):
    """An answer: what to say, how, and what the browser keeps."""

    body: M | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: "Sequence[Cookie]" = ()


class Refusal(Model, ABC):
    """A refusal where another standard than RFC 9457 says how it looks."""

    @classmethod
    @abstractmethod
    def of(cls, error: DomainError) -> Reply[Self]:
        """The answer that this error becomes."""


@dataclass(frozen=True)
class Cookie:
    name: str
    value: str
    path: str
    max_age_seconds: int
    same_site: Literal["Strict", "Lax"] = "Strict"


@dataclass(frozen=True)
class Call(Generic[D, B, Q]):
    """A request as its handler sees it: checked, typed, and with the caller's pass."""

    deps: D
    body: B
    query: Q
    path: Mapping[str, str]
    caller: Pass
    request: web.Request

    def header(self, name: str) -> str | None:
        """The header's value; several lines of one name are one list (RFC 9110 §5.3)."""
        lines = self.request.headers.getall(name, None)
        return ", ".join(lines) if lines is not None else None


Handler: TypeAlias = Callable[[Call[D, B, Q]], Awaitable[Reply[M]]]


@dataclass(frozen=True)
class Route(Generic[D]):
    """One line of a service's `routes.py`."""

    method: str
    path: str
    handler: Callable[[Call[D, Any, Any]], Awaitable[Reply[Any]]]
    access: Access
    body: type[BaseModel]
    query: type[BaseModel]
    answers: type[BaseModel]
    status: int
    step_up: bool | tuple[str, ...] = False
    """Whether it needs a factor that was shown a short while ago: always, or for these fields."""

    refuses: type[Refusal] | None = None
    """How its handler's refusals look, where they are no problem details."""

    is_quiet: bool = False
    """Whether an answer that went well is only counted: it is asked too often for a line each."""

    keyed: Keyed = False
    """Whether it takes an Idempotency-Key. Its handler and all that it changes are one transaction
    then, so it does nothing that couldn't be undone or done again.
    """

    versioned: bool = False
    """Whether it asks for If-Match; every PATCH and PUT does."""

    @property
    def wants_version(self) -> bool:
        return self.versioned or self.method in {"PATCH", "PUT"}

    def wants_step_up(self, body: BaseModel) -> bool:
        if isinstance(self.step_up, tuple):
            return not body.model_fields_set.isdisjoint(self.step_up)
        return self.step_up or self.access in STEP_UP

    @property
    def place_param(self) -> str | None:
        """The path variable that names the place, where one does."""
        return next((name for name in ("tid", "rid") if f"{{{name}}}" in self.path), None)


class _Verb:
    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(  # noqa: PLR0913 one line of a table, each part with its name
        self,
        path: str,
        handler: Handler[D, B, Q, M],
        *,
        access: Access,
        body: type[B] = Nothing,  # type: ignore[assignment]  # a default for a type variable
        query: type[Q] = Nothing,  # type: ignore[assignment]
        answers: type[M] = Nothing,  # type: ignore[assignment]
        status: int = 200,
        step_up: bool | tuple[str, ...] = False,
        refuses: type[Refusal] | None = None,
        is_quiet: bool = False,
        keyed: Keyed = False,
        versioned: bool = False,
    ) -> Route[D]:
        return Route(
            self._method,
            path,
            handler,
            access,
            body,
            query,
            answers,
            status,
            step_up,
            refuses,
            is_quiet,
            keyed,
            versioned,
        )


get: Final = _Verb("GET")
post: Final = _Verb("POST")
put: Final = _Verb("PUT")
patch: Final = _Verb("PATCH")
delete: Final = _Verb("DELETE")
