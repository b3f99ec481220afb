"""A receiver of webhooks on loopback, and a reseller's webhook in tenancy."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDictProxy
from standardwebhooks import Webhook

from portal.ports import LOOPBACK, free_port
from shared.access import Permission
from tests.support.service import NOON, Client, a_pass

RESELLER: Final = "100001.rsp"
PATH: Final = f"/v1/resellers/{RESELLER}/webhooks"
MANAGER: Final = a_pass(RESELLER, Permission.USER_MANAGE, factor_at=int(NOON.timestamp()))


@dataclass(frozen=True)
class Got:
    """A request that has come."""

    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def signatures(self) -> list[str]:
        return self.headers["webhook-signature"].split(" ")

    def expected(self, secret: str) -> str:
        """The signature that the package of Standard Webhooks makes of it."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        return Webhook(secret).sign(self.id, at, self.body.decode())

    def verified(self, secret: str) -> Any:
        """What it says, if the package of Standard Webhooks believes it; else an error."""
        return Webhook(secret).verify(self.body, dict(self.headers))


@dataclass
class Receiver:
    """Answers 204, or whatever it is told to."""

    origin: str
    got: list[Got] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    """How long an answer takes."""

    @property
    def url(self) -> str:
        return f"{self.origin}/hook?customer=1"

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(Got(request.headers, await request.read()))
        await asyncio.sleep(self.seconds)
        return web.Response(status=self.status, headers=self.headers)

    async def waits_for(self, count: int, seconds: float = 10) -> list[Got]:
        async with asyncio.timeout(seconds):
            while len(self.got) < count:
                await asyncio.sleep(0.02)
        return self.got


@asynccontextmanager
async def receiving(
    port: int | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    at = port or free_port()
    receiver = Receiver(f"{'https' if tls else 'http'}://{LOOPBACK}:{at}")
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, at, ssl_context=tls).start()
        yield receiver
    finally:
        await runner.cleanup()


async def add_webhook(tenancy: Client, url: str, **more: Any) -> Any:
    """As it was answered, with the secret."""
    body = {"name": "Inventory", "url": url, **more}
    made = await tenancy.post(PATH, as_=MANAGER, json=body)
    assert made.status == 201, made.body
    return made.body


async def deliveries_of(tenancy: Client, webhook_id: str, **params: str) -> list[Any]:
    """Newest first."""
    found = await tenancy.get(f"{PATH}/{webhook_id}/deliveries", as_=MANAGER, params=params)
    assert found.status == 200, found.body
    return list(found.body["items"])


async def settled(tenancy: Client, webhook_id: str, count: int, state: str) -> list[Any]:
    """The deliveries in this state as soon as there are so many."""
    async with asyncio.timeout(10):
        while len(found := await deliveries_of(tenancy, webhook_id, state=state)) < count:
            await asyncio.sleep(0.02)
    return found
