"""The yardstick of the gateway: a reverse proxy of aiohttp server and client, without checks."""

import sys
from collections.abc import AsyncIterator, Iterable

import uvloop
from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web
from yarl import URL

from portal.ports import LOOPBACK

_HOP_BY_HOP = frozenset({"connection", "content-length", "date", "host", "server"})


def main(port: int, upstream: str) -> None:
    app = web.Application()
    session: web.AppKey[ClientSession] = web.AppKey("session", ClientSession)

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        connector = TCPConnector(limit=0, limit_per_host=100)
        async with ClientSession(
            connector=connector, cookie_jar=DummyCookieJar(), auto_decompress=False
        ) as opened:
            app[session] = opened
            yield

    async def forward(request: web.Request) -> web.StreamResponse:
        async with app[session].request(
            request.method,
            URL(upstream + request.raw_path, encoded=True),
            headers=_end_to_end(request.headers.items()),
            data=await request.read() if request.body_exists else None,
            allow_redirects=False,
        ) as answer:
            return web.Response(
                status=answer.status,
                headers=_end_to_end(answer.headers.items()),
                body=await answer.read(),
            )

    app.cleanup_ctx.append(lifetime)
    app.router.add_route("*", "/{path:.*}", forward)
    uvloop.install()
    web.run_app(app, host=LOOPBACK, port=port, access_log=None, print=None)


def _end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
