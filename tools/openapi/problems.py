"""What may be refused: an example of every problem by its code, and the answers that carry them."""

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import services
import shared
from services.auth.actions.first_account import VendorAdminExistsError
from services.auth.domain.oauth import OAuthError
from services.gateway.domain.operations import MethodError
from services.gateway.handlers.stream import EndedError
from services.tenancy.consumers.reseller_portal import UnknownTypeError
from shared.contracts.events import Service
from shared.errors import DomainError, FieldError, InvalidError
from shared.models import Nothing
from shared.problems import PROBLEM_JSON, problem
from shared.routing import Route
from shared.sync import ForeignRecordError
from shared.web import NoPassError

Json = dict[str, Any]
PROBLEM: Final = "problem"
"""What the names of their examples begin with."""
_REQUEST_ID: Final = "8e03978e40d543e8bc936894a57f9324"
_NEVER_TOLD: Final = (
    DomainError,  # only its kinds are
    EndedError,  # within a stream
    ForeignRecordError,  # to the Reseller Portal, over the bus
    MethodError,  # of no operation
    NoPassError,  # to whoever goes round the gateway
    UnknownTypeError,  # to the Reseller Portal, over the bus
    VendorAdminExistsError,  # to an operator, by the command
    *(OAuthError, *OAuthError.__subclasses__()),  # in the form of RFC 6749
)
_FLAWS: Final = (
    FieldError(
        "#/body/email", "string_pattern_mismatch", "This is not of the form that is asked for."
    ),
)

REFUSALS: Final = {
    400: "The request is not well formed.",
    401: "Not signed in, or the session has ended.",
    403: "The role does not allow it.",
    404: "Nothing there, or not for you: one answer.",
    408: "The body did not arrive in time.",
    409: "The present state does not allow it.",
    412: "Somebody changed it meanwhile: read it again.",
    413: "The body is larger than 64 KiB.",
    415: "The body is of another media type.",
    422: "Values are not accepted; `errors` says which.",
    428: "`If-Match` is missing or doesn't name one version.",
    429: "Too many requests; come back after `Retry-After` seconds.",
    502: "There is more of it than is handed on at once.",
    503: "A part is busy or away; come back after `Retry-After` seconds.",
}
_ALWAYS: Final = (400, 401, 403, 404, 409, 422, 429, 503)
_OF_VERSIONS: Final = (412, 428)
_OF_BODIES: Final = (408, 413, 415)
_OF_READING: Final = (502,)


def refusals(names: Iterable[Service]) -> dict[str, Json]:
    """The refusals of every service, by the name that operations refer to them by."""
    return {
        _name(service, status): {
            "description": description,
            "content": {PROBLEM_JSON: content_of(service, status)},
        }
        for service in sorted(names)
        for status, description in REFUSALS.items()
    }


def refused_by(service: Service, route: Route[Any]) -> Json:
    """What an operation may refuse, by status."""
    statuses = [*_ALWAYS, *(_OF_VERSIONS if route.wants_version else ())]
    statuses += _OF_BODIES if route.body is not Nothing else ()
    statuses += _OF_READING if route.method == "GET" else ()
    return referred_to(service, statuses)


def referred_to(service: Service, statuses: Iterable[int]) -> Json:
    return {
        str(status): {"$ref": f"#/components/responses/{_name(service, status)}"}
        for status in statuses
    }


def _name(service: Service, status: int) -> str:
    return f"{service}.{status}"


def content_of(service: Service, status: int) -> Json:
    examples = {
        code: {"$ref": f"#/components/examples/{PROBLEM}.{code}"}
        for code in _codes_of(service, status)
    }
    return {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}


def examples() -> dict[str, Json]:
    """One for every code, by the name that answers refer to it by."""
    return {
        f"{PROBLEM}.{kind.code}": {"summary": kind.detail, "value": _example(kind)}
        for kind in _kinds()
    }


def _example(kind: type[DomainError]) -> Json:
    """Made by what makes the real ones."""
    fields = _FLAWS if kind.code == InvalidError.code else ()
    if issubclass(kind, InvalidError) and kind.pointer:
        fields = (FieldError(kind.pointer, kind.code, kind.detail),)
    error = DomainError(kind.detail, fields=fields)
    error.status, error.code = kind.status, kind.code
    told: Json = json.loads(problem(error, _REQUEST_ID).text or "")
    return told


def _codes_of(service: Service, status: int) -> list[str]:
    own = ("shared.", "services.gateway.", f"services.{service}.")
    return [
        kind.code for kind in _kinds() if kind.status == status and kind.__module__.startswith(own)
    ]


@cache
def _kinds() -> tuple[type[DomainError], ...]:
    """Every kind of refusal that a client may hear of, in the order of their codes."""
    for package in (shared, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: dict[str, type[DomainError]] = {}
    for kind in _and_below(DomainError):
        if kind not in _NEVER_TOLD and kind.__module__.startswith(("shared.", "services.")):
            found.setdefault(kind.code, kind)
    return tuple(found[code] for code in sorted(found))


def _and_below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    """The kind first, so that of a code the most general sentence is told."""
    yield kind
    for below in sorted(kind.__subclasses__(), key=lambda one: (one.__module__, one.__name__)):
        yield from _and_below(below)


def problem_schema() -> Json:
    text = {"type": "string"}
    told = "Where in the request, a JSON Pointer: `#/body/seats`, `#/query/limit`, `#/header/…`."
    pointer = {**text, "description": told}
    return {
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": {"type": "string", "format": "uri"},
            "code": {"type": "string", "description": "Never changes; programs go by it."},
            "errors": {
                "description": "With every 422: what of the request is not accepted.",
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {"pointer": pointer, "code": text, "detail": text},
                },
            },
        },
    }
