"""Puts the catcher together: one mailbox, filled by SMTP, read by HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from portal.catcher.api import Api, BadRequestError
from portal.catcher.folder import FolderMailBox
from portal.catcher.mailbox import MailBox
from portal.catcher.pages import Pages, make_environment
from portal.catcher.smtp import smtp_server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Catcher:
    """A running catcher: where to send mails and where to read them."""

    smtp_port: int
    url: str


@asynccontextmanager
async def run_catcher(
    folder: Path, host: str, http_port: int, smtp_port: int = 0
) -> AsyncIterator[Catcher]:
    """Catch mails into `folder` while the block runs.

    Port 0 lets the system choose. A port that is taken raises OSError before anything is served.
    """
    box = await FolderMailBox.open(folder)
    pages = Pages(box, await asyncio.to_thread(make_environment))
    async with (
        _http_server(_make_app(box, pages), host, http_port) as url,
        smtp_server(box, host, smtp_port) as port,
    ):
        yield Catcher(smtp_port=port, url=url)


def _make_app(box: MailBox, pages: Pages) -> web.Application:
    @web.middleware
    async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except BadRequestError as error:
            return _refusal(pages, request, 400, str(error))
        except web.HTTPException as error:
            return _refusal(pages, request, error.status, error.reason)

    app = web.Application(middlewares=[refusals])
    app.add_routes(Api(box).routes())
    app.add_routes(pages.routes())
    app.on_response_prepare.append(_add_headers)
    return app


def _refusal(pages: Pages, request: web.Request, status: int, reason: str) -> web.Response:
    if request.path.startswith("/api/"):
        return web.json_response({"Error": reason}, status=status)
    return pages.page(request, "refusal.html", status=status, code=status)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; sandbox")


@asynccontextmanager
async def _http_server(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        shown_host = f"[{host}]" if ":" in host else host
        yield f"http://{shown_host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
