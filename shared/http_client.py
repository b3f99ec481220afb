"""The plain way to call others over HTTP, with limits on time and connections.

Where that does not do, a service has a client of its own: the gateway to call services, tenancy to
send webhooks.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

TOTAL_SECONDS: Final = 15.0
"""For a whole call, unless it says otherwise."""
CONNECT_SECONDS: Final = 1.0
KEEP_ALIVE_SECONDS: Final = 15.0
"""Well below the 75 seconds for which services keep an idle connection."""


HttpClient: TypeAlias = ClientSession


@asynccontextmanager
async def open_http_client() -> AsyncIterator[HttpClient]:
    """A session for the whole process; it keeps no cookies and follows no proxy settings.

    It unpacks nothing, lest an answer grow beyond its limit, and says so.
    """
    connector = TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS, ttl_dns_cache=5)
    async with ClientSession(
        connector=connector,
        timeout=ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
        trust_env=False,
    ) as session:
        yield session
