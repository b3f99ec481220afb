"""Those who walk: signed in as people, or with keys as machines, and what they are told."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import pyotp
from aiohttp import ClientResponse
from yarl import URL

from portal.demo.world import DemoAccount
from portal.isolation.judge import Answer
from shared.clock import utc_now
from shared.http_client import HttpClient, open_http_client

AT_ONCE: Final = 16
_SILENT_SECONDS: Final = 0.4
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Walker:
    """Somebody who asks: a person, a machine, or nobody at all."""

    name: str
    org: str
    role: str
    token: str | None
    is_machine: bool = False


@dataclass
class Door:
    """The portal's public door, counting who knocks."""

    url: str
    http: HttpClient
    requests: int = 0
    statuses: dict[str, dict[int, int]] = field(default_factory=dict)
    """How often each operation answered what."""
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def ask(  # noqa: PLR0913 all that a request may be made of
        self,
        walker: Walker,
        method: str,
        path: str,
        *,
        operation: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        is_form: bool = False,
    ) -> Answer:
        request_id = secrets.token_hex(16)
        # Unpacked, since marks are looked for in what comes.
        sent = {"X-Request-Id": request_id, "Accept-Encoding": "identity", **(headers or {})}
        if walker.token is not None:
            sent["Authorization"] = f"Bearer {walker.token}"
        said: dict[str, Any] = {"data": body} if is_form else {"json": body}
        async with (
            self._turn,
            self.http.request(
                method,
                URL(self.url + path, encoded=True),
                headers=sent,
                allow_redirects=False,
                **(said if body is not None else {}),
            ) as response,
        ):
            answer = Answer(
                response.status, response.raw_headers, await _read(response), request_id
            )
        self.requests += 1
        counts = self.statuses.setdefault(operation or f"{method} {path}", {})
        counts[answer.status] = counts.get(answer.status, 0) + 1
        return answer

    async def json(self, walker: Walker, method: str, path: str, body: Any = None) -> Any:
        """What a request that has to succeed is answered."""
        answer = await self.ask(walker, method, path, body=body)
        if answer.status >= 400:  # noqa: PLR2004 a refusal
            raise RuntimeError(f"{method} {path} of {walker.name}: {answer.body.decode()}")
        return orjson.loads(answer.body) if answer.body else None

    async def sign_in(self, account: DemoAccount) -> Walker:
        nobody = Walker(NOBODY, "", "", None)
        login = {
            "username": account.username,
            "password": account.password,
            "tenant": account.org,
            "transport": "body",
        }
        first = await self.json(nobody, "POST", "/v1/login", login)
        code = pyotp.TOTP(account.totp_secret or "").at(utc_now())
        step = {"challenge": first["challenge"], "code": code}
        done = await self.json(nobody, "POST", "/v1/login/totp", step)
        role = str(account.roles[0])
        return Walker(f"{role} of {account.org}", account.org, role, done["access_token"])


async def _read(response: ClientResponse) -> bytes:
    """All of it; of a stream what comes until it falls silent."""
    if response.content_type != "text/event-stream":
        return await response.read()
    found = b""
    try:
        while chunk := await asyncio.wait_for(response.content.readany(), _SILENT_SECONDS):
            found += chunk
    except TimeoutError:
        response.close()
    return found


@asynccontextmanager
async def open_door(url: str) -> AsyncIterator[Door]:
    async with open_http_client() as http:
        yield Door(url, http)
