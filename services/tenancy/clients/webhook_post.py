"""Sending to an address that a stranger has chosen, without being led anywhere inside.

Names are resolved anew for each request, once, and all their addresses must be public; the socket
is opened to one of those very addresses, so that a name which changes in between leads nowhere.
Nothing is followed, no proxy is asked, and of the answer only status and Retry-After are read.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from aiohttp import (
    AddrInfoType,
    ClientError,
    ClientSession,  # noqa: TID251 a session per request, whose addresses are judged
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override
from yarl import URL

from services.tenancy.domain.deliveries import Answer, Reason, answered
from services.tenancy.domain.webhook_urls import Target, UrlRefusedError, is_public, target_of

SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 5.0


class WebhookPost:
    def __init__(
        self,
        exempt: frozenset[str],
        *,
        seconds: float = SECONDS,
        lookup: Callable[[], AbstractResolver] = ThreadedResolver,
    ) -> None:
        self._exempt = exempt
        self._timeout = ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
        self._lookup = lookup

    def look(self, url: str) -> Target:
        """UrlRefusedError where nothing may be sent there."""
        return target_of(url, self._exempt)

    async def send(
        self, url: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Answer:
        """Send once, on a connection of its own; whatever goes wrong becomes a reason."""
        try:
            target = self.look(url)
        except UrlRefusedError:
            return Answer(reason=Reason.ADDRESS_REFUSED)
        guard = _Guard(self._lookup(), is_open=target.is_exempt)
        try:
            async with (
                asyncio.timeout(self._timeout.total),
                ClientSession(
                    connector=guard.connector(),
                    timeout=self._timeout,
                    cookie_jar=DummyCookieJar(),
                    auto_decompress=False,
                    trust_env=False,
                ) as session,
                session.post(
                    URL(target.url, encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                ) as response,
            ):
                return answered(response.status, response.headers.get("Retry-After"), now)
        except TimeoutError:
            return Answer(reason=Reason.TIMED_OUT)
        except (ClientError, OSError, ValueError):
            reason = Reason.ADDRESS_REFUSED if guard.has_refused else Reason.UNREACHABLE
            return Answer(reason=reason)


class _Guard(AbstractResolver):
    """Resolves for one request and refuses what is not public, unless its origin is exempt."""

    def __init__(self, inner: AbstractResolver, *, is_open: bool) -> None:
        self._inner = inner
        self._is_open = is_open
        self.has_refused = False

    def connector(self) -> TCPConnector:
        return TCPConnector(
            resolver=self, use_dns_cache=False, force_close=True, socket_factory=self._socket
        )

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            self._must_be_public(one["host"])
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()

    def _socket(self, address: AddrInfoType) -> socket.socket:
        """The last look: at the very address that is about to be connected to."""
        family, kind, protocol, _, where = address
        self._must_be_public(str(where[0]))
        return socket.socket(family, kind, protocol)

    def _must_be_public(self, address: str) -> None:
        if not self._is_open and not is_public(address):
            self.has_refused = True
            raise OSError("not a public address")
