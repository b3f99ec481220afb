"""People who guess at passwords and codes, each from a source of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from aiohttp import ClientSession

from services.auth.actions.import_account import ImportedAccount
from services.auth.app import open_auth
from services.auth.settings import AuthSettings
from shared.service import in_process
from tests.support.auth import ADMIN, ANYBODY, PASSWORD, code_now
from tests.support.service import Answer, Client

WRONG = "not what Anna knows at all"
_numbers = count()


def a_source() -> str:
    """An address that nobody in these tests has used."""
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass
class Guesser:
    """Somebody with an address and maybe the cookie of a device."""

    auth: Client
    source: str = field(default_factory=a_source)
    device_token: str | None = None

    async def password(
        self,
        password: str = WRONG,
        *,
        username: str = ADMIN.username,
        org: str = ADMIN.org,
        **more: Any,
    ) -> Answer:
        body = {"username": username, "password": password, "tenant": org, **more}
        return await self._post("/v1/login", body)

    async def code(self, challenge: str, code: str) -> Answer:
        return await self._post("/v1/login/totp", {"challenge": challenge, "code": code})

    async def passwords(self, times: int, **more: Any) -> None:
        for _ in range(times):
            assert (await self.password(**more)).status == 401

    async def challenge(self, password: str = PASSWORD) -> str:
        first = await self.password(password, transport="body")
        assert first.status == 200, first.body
        return str(first.body["challenge"])

    async def gets_in(self, account: ImportedAccount = ADMIN) -> bool:
        """Whether the right password is taken just now."""
        answer = await self.password(
            account.password or PASSWORD, username=account.username, org=account.org
        )
        return answer.status == 200

    async def sign_in(self, code: str | None = None) -> Answer:
        challenge = await self.challenge()
        return await self.code(challenge, code or code_now(self.auth))

    async def _post(self, path: str, body: dict[str, Any]) -> Answer:
        headers = {"X-Forwarded-For": self.source}
        if self.device_token is not None:
            headers["Cookie"] = f"portal_device={self.device_token}"
        return await self.auth.post(path, as_=ANYBODY, json=body, headers=headers)


@asynccontextmanager
async def another_replica(auth: Client) -> AsyncIterator[Client]:
    """The same service once more, on the same database."""
    assert isinstance(auth.settings, AuthSettings)
    async with (
        open_auth(auth.settings, in_process(auth.hub), auth.now) as up,
        ClientSession(up.url) as http,
    ):
        yield replace(auth, http=http)
