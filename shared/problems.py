"""Refusals as RFC 9457 problem details, and the id that every answer carries."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from aiohttp import web

from shared.errors import DomainError, NotFoundError
from shared.ids import new_id

Json: TypeAlias = dict[str, Any]
REQUEST_ID: Final = "X-Request-Id"
REQUEST_ID_PATTERN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
PROBLEM_JSON: Final = "application/problem+json"


def request_id_of(headers: Mapping[str, str]) -> str:
    """The id that the client chose for its request where it is one, else a new one."""
    given = headers.get(REQUEST_ID, "")
    return given if REQUEST_ID_PATTERN.fullmatch(given) else new_id()


def problem(error: DomainError, request_id: str) -> web.Response:
    """An error as RFC 9457 problem details; nothing in it depends on more than the error itself."""
    document: Json = {
        "type": f"urn:portal:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:portal:request:{request_id}",
        "code": error.code,
        **error.extensions,
    }
    if error.fields:
        document["errors"] = [
            {"pointer": flaw.pointer, "code": flaw.code, "detail": flaw.detail}
            for flaw in error.fields
        ]
    return web.Response(
        body=json.dumps(document).encode(),
        status=error.status,
        content_type=PROBLEM_JSON,
        headers={REQUEST_ID: request_id, "Cache-Control": "no-store", **refusal_headers(error)},
    )


def refusal_headers(error: DomainError) -> dict[str, str]:
    """What a refusal says in headers, whatever form its body has."""
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = error.challenge
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return headers


def of_http(error: web.HTTPException) -> DomainError:
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
