"""The HTTP edge of every service: its table mounted, passes checked, every failure told."""

import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

import structlog
from aiohttp import web

from shared.access import Permission
from shared.bodies import checked, read_body
from shared.callers import OPEN, Caller
from shared.clock import Clock, monotonic
from shared.context import Cause, acting_as, begin
from shared.errors import DomainError, ForbiddenError
from shared.idempotency import HEADER, Mark, mark_of
from shared.ids import VENDOR, VENDOR_PATHS
from shared.kept_answers import KeptAnswers, Rendered
from shared.keys import TokenError
from shared.metrics import METRICS
from shared.models import File, Text
from shared.passes import ENROLMENT, GATEWAY, NOBODY, PUBLIC, Pass, PassReader
from shared.problems import REQUEST_ID, of_http, problem, request_id_of, unexpected
from shared.routing import PATH_PATTERNS, Call, Reply, Route
from shared.step_up import must_be_fresh

D = TypeVar("D")
log = structlog.get_logger()
_IS_QUIET: Final = web.RequestKey("is_quiet", bool)
_PROBES: Final = {"/healthz", "/readyz", "/metrics"}
"""Asked for every second or so: a line for each answer would bury the others."""


class NoPassError(DomainError):
    status = 401
    code = "pass_required"
    detail = "This service answers the gateway only."


def mount(
    app: web.Application,
    routes: Sequence[Route[D]],
    deps: D,
    *,
    passes: PassReader,
    answers: KeptAnswers,
    now: Clock,
) -> None:
    """Add a service's table to its application."""
    for route in routes:
        path = re.sub(r"\{(\w+)\}", _with_pattern, route.path)
        app.router.add_route(route.method, path, _endpoint(route, deps, passes, answers, now))


def _with_pattern(found: re.Match[str]) -> str:
    name = found.group(1)
    return f"{{{name}:{PATH_PATTERNS[name]}}}"


def _endpoint(
    route: Route[D], deps: D, passes: PassReader, answers: KeptAnswers, now: Clock
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        request[_IS_QUIET] = route.is_quiet
        caller = _admit(route, request, passes, now)
        try:
            return await answered(request, caller)
        except DomainError as error:
            if route.refuses is None:
                raise
            return _answer(route.refuses.of(error))

    async def answered(request: web.Request, caller: Pass) -> web.Response:
        body = await read_body(route.body, request)
        if route.wants_step_up(body):
            must_be_fresh(caller.factor_at, now())
        call = Call(
            deps=deps,
            body=body,
            query=checked(route.query, dict(request.query), "query"),
            path=request.match_info,
            caller=caller,
            request=request,
        )
        mark = _mark(route, call)
        if mark is None:
            return _answer(await route.handler(call))

        async def carry_out() -> Rendered:
            return _rendered(await route.handler(call))

        return _sent(await answers.once(mark, route.keyed, carry_out))

    return endpoint


def _mark(route: Route[Any], call: Call[Any, Any, Any]) -> Mark | None:
    """What the request is known by, where it has a key and the route takes one."""
    key = call.header(HEADER)
    if key is None or not route.keyed:
        return None
    path, said = call.request.raw_path, call.body.model_dump_json()
    return mark_of(
        key,
        caller=call.caller.subject,
        place=call.caller.place,
        operation=f"{route.method} {route.path}",
        request=f"{path}\n{said}".encode(),
    )


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
    if caller.subject != NOBODY:
        acting_as(caller.subject, caller.org)
    structlog.contextvars.bind_contextvars(account_id=caller.subject, place=caller.place)
    return caller


def _place(route: Route[D], request: web.Request, caller: Pass) -> str:
    if route.access in OPEN:
        return PUBLIC
    if route.access is Caller.GATEWAY:
        return GATEWAY
    if route.path.startswith(VENDOR_PATHS):
        return VENDOR
    if route.place_param is not None:
        return request.match_info[route.place_param]
    return caller.org


def _rendered(reply: Reply[Any]) -> Rendered:
    headers = {"Cache-Control": "no-store", **reply.headers}
    if reply.body is None:
        return Rendered(reply.status, headers, None)
    if isinstance(reply.body, Text):
        kind = f"{reply.body.media_type}; charset=utf-8"
        return Rendered(reply.status, {"Content-Type": kind, **headers}, reply.body.root.encode())
    if isinstance(reply.body, File):
        return Rendered(reply.status, headers, reply.body.root)
    body = reply.body.model_dump_json(exclude_none=False).encode()
    return Rendered(reply.status, {"Content-Type": "application/json", **headers}, body)


def _sent(said: Rendered) -> web.Response:
    return web.Response(status=said.status, headers=said.headers, body=said.body)


def _answer(reply: Reply[Any]) -> web.Response:
    response = _sent(_rendered(reply))
    for cookie in reply.cookies:
        response.set_cookie(
            cookie.name,
            cookie.value,
            path=cookie.path,
            max_age=cookie.max_age_seconds,
            httponly=True,
            secure=True,
            samesite=cookie.same_site,
        )
    return response


@web.middleware
async def edge(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Around every request: its id, its log line, and every failure as problem details."""
    request_id = request_id_of(request.headers)
    because = Cause(request_id, traceparent=request.headers.get("traceparent"))
    begin(because, service=request.app[METRICS].service)
    started = monotonic()
    try:
        response = await handler(request)
    except DomainError as error:
        response = problem(error, request_id)
    except web.HTTPException as error:
        response = problem(of_http(error), request_id)
    except Exception:  # the caller hears 500 and nothing else; the log tells why
        log.exception("request_failed")
        response = problem(unexpected(), request_id)
    response.headers[REQUEST_ID] = request_id
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    seconds = monotonic() - started
    request.app[METRICS].answered(request.method, route, response.status, seconds)
    is_quiet = request.get(_IS_QUIET) or route in _PROBES
    if is_quiet and response.status < HTTPStatus.BAD_REQUEST:
        return response
    log.info(
        "request_answered",
        method=request.method,
        route=route,
        status_code=response.status,
        milliseconds=round(seconds * 1000, 1),
    )
    return response
