"""Listening for requests: a runner whose every refusal is problem details, also the parser's.

Out of the box aiohttp answers a request that it can't read with the offending line as text, and
logs it with a traceback: an `Authorization` header with a stray byte would end up in the log.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from typing_extensions import override

from shared.errors import DomainError
from shared.ids import new_id
from shared.problems import problem, unexpected

log = structlog.get_logger()
SERVER: Final = "portal"


class MalformedRequestError(DomainError):
    code = "malformed_request"
    detail = "The request is not well-formed HTTP."


class Runner(web.AppRunner):
    """Runs an application on the sites that are added to it."""

    def __init__(
        self, app: web.Application, *, keepalive_seconds: float, grace_seconds: float
    ) -> None:
        self._limits: dict[str, Any] = {"access_log": None, "keepalive_timeout": keepalive_seconds}
        super().__init__(app, shutdown_timeout=grace_seconds, **self._limits)

    @override
    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            loop=asyncio.get_running_loop(),
            **self._limits,
        )


class _Server(web.Server):
    @override
    def __call__(self) -> RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)


class _Protocol(RequestHandler):
    @override
    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What never reached a handler, or failed around it; the connection is closed after it."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            refusal: DomainError = MalformedRequestError()
            log.info("request_not_understood", status_code=status, error=type(exc).__name__)
        else:
            refusal = unexpected()
            log.error("request_failed", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        refusal.status = status
        response = problem(refusal, new_id())
        response.headers["Server"] = SERVER
        response.force_close()
        return response
