"""Somebody at a page of the portal in a browser, with authenticators at hand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.browser import Page
from tests.support.devtools import Json
from tests.support.person import Portal

_SCRIPT: Final = Path(__file__).with_name("visitor.js").read_text()
PAGE: Final = "/accept-invitation"
"""A page of ours whose policy lets its script call the portal."""


@dataclass
class Visitor:
    page: Page
    portal: Portal

    async def arrive(self, address: str | None = None) -> None:
        await self.page.open(address or f"{self.portal.url}{PAGE}")

    async def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> Json:
        """Status and body of an answer, or the name of the error that the page gets instead."""
        answer: Json = await self.page.call(f"{_SCRIPT}.call", method, path, body, token)
        return answer

    async def post(self, path: str, body: Any = None, token: str | None = None) -> Any:
        """The body of an answer that is none of a refusal."""
        answer = await self.call("POST", path, body or {}, token)
        assert answer.get("status") in {200, 201}, answer
        return answer["body"]

    async def create(self, options: Json, **changes: Any) -> Json:
        """The credential that an authenticator makes, or the browser's refusal."""
        made: Json = await self.page.call(f"{_SCRIPT}.create", options["public_key"] | changes)
        return made

    async def get(self, options: Json, **changes: Any) -> Json:
        """The answer that an authenticator gives, or the browser's refusal."""
        given: Json = await self.page.call(f"{_SCRIPT}.get", options["public_key"] | changes)
        return given

    async def register(self, token: str, name: str = "Laptop", **changes: Any) -> Json:
        """A passkey of the authenticator at hand, as the portal answers it."""
        options = await self.post("/v1/me/passkeys/options", token=token)
        made = await self.create(options, **changes)
        answer: Json = await self.post("/v1/me/passkeys", {"name": name, **made}, token)
        return answer

    async def sign_in(self, challenge: str | None = None, **changes: Any) -> Json:
        """The answer to a passkey that is shown after the password, or alone."""
        options = await self.post("/v1/login/passkey/options", {"challenge": challenge})
        given = await self.get(options, **changes)
        return await self.call("POST", "/v1/login/passkey", {"challenge": challenge, **given})

    async def listed(self, token: str) -> list[Json]:
        answer = await self.call("GET", "/v1/me/passkeys", None, token)
        items: list[Json] = answer["body"]["items"]
        return items
