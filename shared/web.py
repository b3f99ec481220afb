"""The HTTP edge of every service: route tables, bodies in, answers and problem details out."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Generic, TypeAlias, TypeVar

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.access import Permission
from shared.clock import Clock, monotonic
from shared.context import Cause, acting_as, begin
from shared.errors import DomainError, FieldError, ForbiddenError, InvalidError, NotFoundError
from shared.ids import OPAQUE_PATTERN, RESELLER_PATTERN, TENANT_PATTERN, new_id
from shared.keys import TokenError
from shared.metrics import METRICS
from shared.passes import ENROLMENT, GATEWAY, PUBLIC, Pass, PassReader

log = structlog.get_logger()
D = TypeVar("D")
B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)
Json: TypeAlias = dict[str, Any]

BODY_LIMIT: Final = 64 * 1024
BODY_SECONDS: Final = 10.0
REQUEST_ID: Final = "X-Request-Id"
REQUEST_ID_PATTERN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
PROBLEM_JSON: Final = "application/problem+json"
PATH_PATTERNS: Final = {
    "tid": TENANT_PATTERN,
    "rid": RESELLER_PATTERN,
    "place": rf"vendor|{RESELLER_PATTERN}|{TENANT_PATTERN}",
    "id": OPAQUE_PATTERN,
    "lid": OPAQUE_PATTERN,
    "uid": OPAQUE_PATTERN,
}


class Model(BaseModel):
    """A body, query or answer: named fields and no others, of exactly their types."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Model):
    """No body, or no query."""


class Caller(Enum):
    """Who may call an operation that needs no permission."""

    ANYBODY = "anybody"
    ANYBODY_OR_SIGNED_IN = "anybody, who is told who they are"
    SIGNED_IN = "signed in"
    SIGNED_IN_OR_ENROLLING = "signed in or enrolling"
    GATEWAY = "gateway"


Access: TypeAlias = Caller | Permission


@dataclass(frozen=True)
class Reply(Generic[M]):
    """An answer: what to say, how, and what the browser keeps."""

    body: M | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookie: "Cookie | None" = None


@dataclass(frozen=True)
class Cookie:
    name: str
    value: str
    path: str
    max_age_seconds: int


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
        return self.request.headers.get(name)


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
    ) -> Route[D]:
        return Route(self._method, path, handler, access, body, query, answers, status)


get: Final = _Verb("GET")
post: Final = _Verb("POST")
patch: Final = _Verb("PATCH")
delete: Final = _Verb("DELETE")


def problem(error: DomainError, request_id: str) -> web.Response:
    """An error as RFC 9457 problem details; nothing in it depends on more than the error itself."""
    document: Json = {
        "type": f"urn:portal:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:portal:request:{request_id}",
        "code": error.code,
    }
    if error.fields:
        document["errors"] = [
            {"pointer": flaw.pointer, "code": flaw.code, "detail": flaw.detail}
            for flaw in error.fields
        ]
    headers = {REQUEST_ID: request_id, "Cache-Control": "no-store"}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="portal"'
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return web.Response(
        body=json.dumps(document).encode(),
        status=error.status,
        content_type=PROBLEM_JSON,
        headers=headers,
    )


class MalformedError(DomainError):
    code = "malformed_body"
    detail = "The body must be one JSON object."


class MediaTypeError(DomainError):
    status = 415
    code = "unsupported_media_type"
    detail = "Send the body as application/json."


class TooLargeError(DomainError):
    status = 413
    code = "body_too_large"
    detail = "The body is larger than 64 KiB."


class TooSlowError(DomainError):
    status = 408
    code = "body_too_slow"
    detail = "The body did not arrive in time."


class NoPassError(DomainError):
    status = 401
    code = "pass_required"
    detail = "This service answers the gateway only."


def mount(
    app: web.Application, routes: Sequence[Route[D]], deps: D, passes: PassReader, now: Clock
) -> None:
    """Add a service's table to its application."""
    for route in routes:
        path = re.sub(r"\{(\w+)\}", _with_pattern, route.path)
        app.router.add_route(route.method, path, _endpoint(route, deps, passes, now))


def _with_pattern(found: re.Match[str]) -> str:
    name = found.group(1)
    return f"{{{name}:{PATH_PATTERNS[name]}}}"


def _endpoint(
    route: Route[D], deps: D, passes: PassReader, now: Clock
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        caller = _admit(route, request, passes, now)
        call = Call(
            deps=deps,
            body=await _body(route.body, request),
            query=_checked(route.query, dict(request.query), "query"),
            path=request.match_info,
            caller=caller,
            request=request,
        )
        return _answer(await route.handler(call))

    return endpoint


def _admit(route: Route[D], request: web.Request, passes: PassReader, now: Clock) -> Pass:
    """The caller's pass, if it is one for this very place and allows this operation."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise NoPassError
    try:
        caller = passes.read(token, now())
    except TokenError as error:
        raise NoPassError from error
    if caller.place != _place(route, request, caller):
        raise NoPassError
    if isinstance(route.access, Permission):
        if not caller.allows(route.access):
            raise ForbiddenError
    elif caller.session == ENROLMENT and route.access is not Caller.SIGNED_IN_OR_ENROLLING:
        raise NoPassError
    acting_as(caller.subject)
    structlog.contextvars.bind_contextvars(account_id=caller.subject, place=caller.place)
    return caller


def _place(route: Route[D], request: web.Request, caller: Pass) -> str:
    if route.access in {Caller.ANYBODY, Caller.ANYBODY_OR_SIGNED_IN}:
        return PUBLIC
    if route.access is Caller.GATEWAY:
        return GATEWAY
    if route.place_param is not None:
        return request.match_info[route.place_param]
    return caller.org


async def _body(kind: type[BaseModel], request: web.Request) -> BaseModel:
    if request.method in {"GET", "DELETE"}:
        return Nothing()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await request.read()
    except TimeoutError as error:
        raise TooSlowError from error
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLargeError from error
    if raw and request.content_type != "application/json":
        raise MediaTypeError
    return _checked(kind, raw or b"{}", "body")


def _checked(kind: type[BaseModel], raw: bytes | Json, where: str) -> BaseModel:
    """The model that this input makes; otherwise 400 or 422 that repeats none of it."""
    try:
        if isinstance(raw, dict):
            return kind.model_validate(raw)
        return kind.model_validate_json(raw)
    except ValidationError as error:
        flaws = error.errors(include_input=False, include_url=False)
        if any(
            flaw["type"] in {"json_invalid", "model_type"} and not flaw["loc"] for flaw in flaws
        ):
            raise MalformedError from error
        fields = [
            FieldError(
                pointer=f"#/{where}/" + "/".join(map(str, flaw["loc"])),
                code=flaw["type"],
                detail=flaw["msg"],
            )
            for flaw in flaws
        ]
        raise InvalidError(fields=fields) from error


def _answer(reply: Reply[Any]) -> web.Response:
    headers = {"Cache-Control": "no-store", **reply.headers}
    if reply.body is None:
        response = web.Response(status=reply.status, headers=headers)
    else:
        response = web.Response(
            body=reply.body.model_dump_json(exclude_none=False).encode(),
            status=reply.status,
            content_type="application/json",
            headers=headers,
        )
    if reply.cookie is not None:
        response.set_cookie(
            reply.cookie.name,
            reply.cookie.value,
            path=reply.cookie.path,
            max_age=reply.cookie.max_age_seconds,
            httponly=True,
            secure=True,
            samesite="Strict",
        )
    return response


@web.middleware
async def edge(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Around every request: its id, its log line, and every failure as problem details."""
    given = request.headers.get(REQUEST_ID, "")
    request_id = given if REQUEST_ID_PATTERN.fullmatch(given) else new_id()
    because = Cause(request_id, traceparent=request.headers.get("traceparent"))
    begin(because, service=request.app[METRICS].service)
    started = monotonic()
    try:
        response = await handler(request)
    except DomainError as error:
        response = problem(error, request_id)
    except web.HTTPException as error:
        response = problem(_http(error), request_id)
    except Exception:  # the caller hears 500 and nothing else; the log tells why
        log.exception("request_failed")
        response = problem(unexpected(), request_id)
    response.headers[REQUEST_ID] = request_id
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    seconds = monotonic() - started
    request.app[METRICS].answered(request.method, route, response.status, seconds)
    log.info(
        "request_answered",
        method=request.method,
        route=route,
        status_code=response.status,
        milliseconds=round(seconds * 1000, 1),
    )
    return response


def _http(error: web.HTTPException) -> DomainError:
    if error.status == HTTPStatus.NOT_FOUND:
        return NotFoundError()
    refusal = DomainError(error.reason)
    refusal.status = error.status
    refusal.code = HTTPStatus(error.status).name.lower()
    return refusal


def unexpected() -> DomainError:
    error = DomainError("Something went wrong on our side. The request id helps us find it.")
    error.status, error.code = 500, "internal_error"
    return error
