"""The public door: one request in, checked, handed on, its answer out."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

import structlog
from aiohttp import web
from multidict import CIMultiDict

from services.gateway.deps import Answered, BusyError, Deps
from services.gateway.domain.cors import of_preflight
from services.gateway.domain.crowds import CrowdedError
from services.gateway.domain.headers import to_client, to_service
from services.gateway.domain.operations import (
    NOWHERE,
    MethodError,
    Operation,
)
from services.gateway.domain.quotas import RateLimitedError, fields
from services.gateway.domain.room import LARGE_BYTES
from services.gateway.domain.trust import Known
from services.gateway.handlers.parts import in_parts
from services.gateway.handlers.stream import STREAM, follow
from services.gateway.handlers.visits import Visit
from shared.bodies import BODY_SECONDS, read_raw
from shared.callers import Caller
from shared.clock import monotonic
from shared.context import Cause, begin
from shared.contracts.events import Service
from shared.errors import DomainError, NotFoundError, UnauthenticatedError, UnavailableError
from shared.problems import REQUEST_ID, problem, request_id_of, unexpected
from shared.tokens import CLIENT_HEADER, ENROLMENT_HEADER

log = structlog.get_logger()
SLOW_SECONDS: Final = 1.0
REFUSED_SECONDS: Final = 0.1
"""How long whoever sends too much waits to hear so: a connection that floods takes no more of this
process's time than ten refusals a second do.
"""
_ALWAYS: Final = CIMultiDict(
    {
        "Server": "portal",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
_PREFLIGHT: Final = "Access-Control-Request-Method"


def door(deps: Deps) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of everything that comes in from outside."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request_id = request_id_of(request.headers)
        begin(Cause(request_id), service=Service.GATEWAY)
        started = monotonic()
        operation, visit = None, Visit(deps, request, request_id)
        try:
            visit.count_source()
            path, _, query = request.raw_path.partition("?")
            operation, place = await _found(visit, path)
            target = f"{path}?{query}" if query else path
            response = await _hand_on(visit, operation, place, target)
        except MethodError as error:
            response = _other_method(visit, error)
        except DomainError as error:
            response = await refused(error, request_id)
        except Exception:  # the caller hears 500 and nothing else
            log.exception("request_failed")
            response = problem(unexpected(), request_id)
        if not response.prepared:
            _dress(visit, response)
        template = operation.template if operation else "none"
        seconds = monotonic() - started
        deps.metrics.answered(request.method, template, response.status, seconds)
        if response.status >= HTTPStatus.BAD_REQUEST or seconds > SLOW_SECONDS:
            log.info(
                "request_answered",
                method=request.method,
                route=template,
                status_code=response.status,
                milliseconds=round(seconds * 1000, 1),
            )
        return response

    return handle


async def refused(error: DomainError, request_id: str) -> web.Response:
    """The refusal, a little later where somebody sends too much."""
    if isinstance(error, RateLimitedError | CrowdedError):
        await asyncio.sleep(REFUSED_SECONDS)
    return problem(error, request_id)


async def go_on(request: web.Request) -> None:
    """`Expect: 100-continue` hears so; any other expectation is ignored, as RFC 9110 §10.1.1 lets
    one. aiohttp's own answer to it tells its version.
    """
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0


async def _found(visit: Visit, path: str) -> tuple[Operation, str | None]:
    """What the path names. A place that can't be is answered like one that isn't for the caller, so
    the caller is counted alike and hears of the same quotas.
    """
    deps, request = visit.deps, visit.request
    try:
        return deps.table.find(request.method, path)
    except NotFoundError:
        with suppress(UnauthenticatedError, UnavailableError):
            known = await deps.doorman.recognise(NOWHERE, _bearer(request))
            if known is not None:
                visit.count_caller(known)
        raise


async def _hand_on(
    visit: Visit,
    operation: Operation,
    place: str | None,
    target: str,
) -> web.StreamResponse:
    """The answer of the service behind, for whoever may have it."""
    deps, request = visit.deps, visit.request
    token = _bearer(request)
    known = await deps.doorman.recognise(operation, token)
    if known is not None:
        visit.count_caller(known)
    if operation.template == STREAM and known is not None:
        return await _streamed(visit, operation, known, target)
    with deps.crowds.inside(known.org if known else visit.source):
        body = await read_raw(request, BODY_SECONDS) if request.body_exists else None
        # After the body: it may take ten seconds, and what was allowed before be forbidden then.
        authorization = await deps.doorman.admit(operation, place, known)
        headers = _headers(visit, operation, authorization, token)
        upstream, is_keyed = deps.upstreams[operation.service], operation.is_keyed
        answer = await upstream.send(request.method, target, headers, body, is_keyed=is_keyed)
        if len(answer.body) <= LARGE_BYTES:
            return _told(visit, answer)
    return await _carried(visit, known.org if known else visit.source, answer)


async def _streamed(
    visit: Visit, operation: Operation, known: Known, target: str
) -> web.StreamResponse:
    async def ask(after: str | None) -> Answered:
        given = await visit.deps.doorman.admit(operation, None, known)
        headers = _headers(visit, operation, given, None, after)
        path = target if after is None else STREAM
        return await visit.deps.upstreams[operation.service].send("GET", path, headers, None)

    def begin_stream(first: Answered) -> web.StreamResponse:
        response = web.StreamResponse(headers=CIMultiDict(to_client(first.headers)))
        response.headers.update({REQUEST_ID: visit.request_id, "X-Accel-Buffering": "no"})
        _dress(visit, response)
        return response

    answered = await follow(visit, operation, known, ask, begin_stream)
    return answered if isinstance(answered, web.StreamResponse) else _told(visit, answered)


def _headers(
    visit: Visit,
    operation: Operation,
    authorization: str,
    token: str | None,
    after: str | None = None,
) -> list[tuple[str, str]]:
    """What the service behind is told; with `after`, to go on with a stream from there."""
    request = visit.request
    headers = to_service(request.headers.items())
    if after is not None:
        headers = [each for each in headers if each[0].lower() != "last-event-id"]
        headers.append(("Last-Event-ID", after))
    headers += [
        ("Authorization", authorization),
        (REQUEST_ID, visit.request_id),
        ("X-Forwarded-For", visit.client),
        ("X-Forwarded-Host", request.host),
    ]
    if operation.access == Caller.SIGNED_IN_OR_ENROLLING and token is not None:
        headers.append((ENROLMENT_HEADER, token))
    given = request.headers.get("Authorization", "")
    if operation.access == Caller.CLIENT and given and given.isascii():
        headers.append((CLIENT_HEADER, given))
    return headers


def _told(visit: Visit, answer: Answered) -> web.Response:
    return web.Response(status=answer.status, headers=_said(visit, answer), body=answer.body)


async def _carried(visit: Visit, who: str, answer: Answered) -> web.StreamResponse:
    """A large answer: until it is taken it is counted by who takes it, and all of them together."""
    deps, size = visit.deps, len(answer.body)
    with deps.large.inside(who):
        if not deps.room.take(size):
            raise BusyError
        whole = web.Response(status=answer.status, headers=_said(visit, answer))
        _dress(visit, whole)
        try:
            return await in_parts(visit.request, whole, answer.body)
        finally:
            deps.room.give_back(size)


def _said(visit: Visit, answer: Answered) -> CIMultiDict[str]:
    said = CIMultiDict(to_client(answer.headers))
    said[REQUEST_ID] = visit.request_id
    return said


def _other_method(visit: Visit, error: MethodError) -> web.Response:
    """405 with the methods that the path knows, or what a listed site asks beforehand."""
    headers = visit.request.headers
    is_preflight = visit.request.method == "OPTIONS" and _PREFLIGHT in headers
    if is_preflight and visit.deps.sites.allows(headers.get("Origin")):
        said = {REQUEST_ID: visit.request_id, **of_preflight(error.allowed)}
        return web.Response(status=204, headers=said)
    response = problem(error, visit.request_id)
    response.headers["Allow"] = ", ".join(error.allowed)
    return response


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" and token.isascii() else None


def _dress(visit: Visit, response: web.StreamResponse) -> None:
    """What every answer says besides: quotas, other sites' rights, and how to be treated."""
    deps = visit.deps
    response.headers.update(fields(visit.lefts))
    for name, value in deps.sites.of_answer(visit.request.headers.get("Origin")).items():
        response.headers.add(name, value)  # what the service says of Vary stays
    secure(response, is_https=deps.is_https)


def secure(response: web.StreamResponse, *, is_https: bool) -> None:
    """Headers that every answer carries; pages set a policy of their own before."""
    headers = response.headers
    headers.update(_ALWAYS)
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if is_https:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
