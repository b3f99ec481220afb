"""Listening for requests: a runner whose every refusal is problem details, also the parser's and
aiohttp's own, and that waits for nobody who doesn't read.

Out of the box aiohttp answers a request that it can't read with the offending line as text, and
logs it with a traceback: an `Authorization` header with a stray byte would end up in the log. And
a client that doesn't take its answer holds it in memory for as long as it likes.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from typing_extensions import override

from shared.errors import DomainError
from shared.ids import new_id
from shared.problems import of_http, problem, unexpected

log = structlog.get_logger()
Answer: TypeAlias = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Dress: TypeAlias = Callable[[web.StreamResponse], None]
SERVER: Final = "portal"
UNREAD_SECONDS: Final = 30.0
LEAST_BYTES: Final = 16 * 1024
"""So much of the answer that waits for it a client must take meanwhile, or all that is left."""


class MalformedRequestError(DomainError):
    code = "malformed_request"
    detail = "The request is not well-formed HTTP."


def plain(response: web.StreamResponse) -> None:
    """What an answer says of the program that gives it: no more than its name."""
    response.headers["Server"] = SERVER


class Runner(web.AppRunner):
    """Runs an application on the sites that are added to it.

    `dress` adds the headers of the refusals that never went through the application.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        keepalive_seconds: float,
        grace_seconds: float,
        dress: Dress = plain,
    ) -> None:
        self._dress = dress
        self._limits: dict[str, Any] = {"access_log": None, "keepalive_timeout": keepalive_seconds}
        super().__init__(app, shutdown_timeout=grace_seconds, **self._limits)

    @override
    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        server = _Server(
            _refusing(made.request_handler, self._dress),
            request_factory=made.request_factory,
            loop=asyncio.get_running_loop(),
            **self._limits,
        )
        server.dress = self._dress
        return server


def _refusing(handle: Answer, dress: Dress) -> Answer:
    """What aiohttp raises around an application's middlewares (an `Expect` that it doesn't know, a
    target that finds no route) would be text, under its own name and version.
    """

    async def refusing(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handle(request)
        except web.HTTPException as error:
            response = problem(of_http(error), new_id())
            dress(response)
            return response

    return refusing


class _Server(web.Server):
    dress: Dress

    @override
    def __call__(self) -> RequestHandler:
        made = _Protocol(self, loop=self._loop, **self._kwargs)
        made.dress = self.dress
        return made


class _Protocol(RequestHandler):
    dress: Dress
    _patience: asyncio.TimerHandle | None = None

    @override
    async def start(self) -> None:
        """Serve the connection; what is left to send when it is over is watched as well."""
        transport = self.transport
        try:
            await super().start()
        finally:
            if transport is not None and transport.get_write_buffer_size():
                self._watch(transport)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The system takes little beforehand: what it holds is told from what was taken."""
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, LEAST_BYTES)
        super().connection_made(transport)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        if self.transport is not None:
            self._watch(self.transport)

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch_no_more()

    @override
    def connection_lost(self, exc: BaseException | None) -> None:
        self._watch_no_more()
        super().connection_lost(exc)

    def _watch(self, transport: asyncio.Transport) -> None:
        self._watch_no_more()
        left = transport.get_write_buffer_size()
        allowed = max(0, left - LEAST_BYTES)
        self._patience = self._loop.call_later(UNREAD_SECONDS, self._look, transport, allowed)

    def _look(self, transport: asyncio.Transport, allowed: int) -> None:
        if transport.get_write_buffer_size() > allowed:
            log.info("client_given_up", reason="it takes nothing of its answer")
            transport.abort()
        else:
            self._watch(transport)

    def _watch_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    @override
    def log_exception(self, *args: Any, **kw: Any) -> None:
        """A body that can't be read is refused where it is read; here it would be told as a fault
        once more when what is left of it is thrown away.
        """
        if not isinstance(kw.get("exc_info"), web.RequestPayloadError):
            super().log_exception(*args, **kw)

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
        self.dress(response)
        response.force_close()
        return response
