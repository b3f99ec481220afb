"""The Reseller Portal for tests: `oidc-provider` of npm as a process, and a browser to go there."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from portal.ports import LOOPBACK
from tests.support.processes import PROJECT, Process

CLIENT_ID: Final = "mobile-security-portal"
CLIENT_SECRET: Final = "a secret / of the test: 100 %"
START: Final = "/v1/login/reseller-portal"
CALLBACK: Final = "/v1/login/reseller-portal/callback"
MFA: Final = "urn:reseller-portal:mfa"
_FOREIGN: Final = PROJECT / "tests" / "foreign"
_MOST_STEPS: Final = 12


@dataclass(frozen=True)
class Page:
    """Where a browser has come to."""

    url: str
    status: int
    location: str | None
    text: str

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(json.loads(self.text)["code"])


class Browser:
    """Keeps cookies and follows redirects, one at a time, as long as it is told to."""

    def __init__(self, portal_url: str) -> None:
        self._portal = portal_url
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(portal_url))
        self.http = aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=20))

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.http.cookie_jar}

    async def open(self, url: str) -> Page:
        """One request, nothing followed."""
        async with self.http.get(URL(url, encoded=True), allow_redirects=False) as response:
            location = response.headers.get("Location")
            text = await response.text()
            return Page(url, response.status, location and urljoin(url, location), text)

    async def go(self, url: str, until: str = "\0") -> Page:
        """Follow redirects until there is none, or the next would lead to this path of ours."""
        for _ in range(_MOST_STEPS):
            page = await self.open(url)
            if page.location is None or page.location.startswith(self._portal + until):
                return page
            if not page.location.startswith(f"http://{LOOPBACK}:"):
                return page
            url = page.location
        raise AssertionError(f"too many redirects, the last to {urlsplit(url).path}")

    async def post(self, path: str, **more: Any) -> tuple[int, Any]:
        async with self.http.post(self._portal + path, **more) as response:
            return response.status, await response.json() if response.content_length else None


@asynccontextmanager
async def browser(portal_url: str) -> AsyncIterator[Browser]:
    one = Browser(portal_url)
    async with one.http:
        yield one


@dataclass(frozen=True)
class ResellerPortal:
    issuer: str
    process: Process

    async def next(self, subject: str, **how: Any) -> None:
        """Who signs in there next; `amr`, `acr`, `email`, or `denies` where they press cancel."""
        await self._tell("/next", {"subject": subject, **how})

    async def sign_out(self, subject: str) -> None:
        """Have our portal told that this person has signed out; it must say that it understood."""
        await self._tell("/sign-out", {"subject": subject})

    async def _tell(self, path: str, what: dict[str, Any]) -> None:
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.issuer + path, json=what) as response,
        ):
            assert response.status == 204, await response.text()


@asynccontextmanager
async def reseller_portal(
    folder: Path, port: int, portal_url: str
) -> AsyncIterator[ResellerPortal]:
    """The provider on this port, with our portal as its client."""
    node = shutil.which("node")
    assert node, "These tests need Node.js: `make test` installs it as root on Debian."
    assert (_FOREIGN / "node_modules").exists(), "Install it first: deploy/setup/foreign.sh"
    client = {
        "port": port,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": portal_url + CALLBACK,
        "logout_uri": f"{portal_url}{START}/logout",
    }
    script = _FOREIGN / "reseller_portal.mjs"
    process = Process(node, script, json.dumps(client), log=folder / "oidc-provider.log", env={})
    issuer = f"http://{LOOPBACK}:{port}"
    process.start()
    try:
        await process.answers(f"{issuer}/.well-known/openid-configuration")
        yield ResellerPortal(issuer, process)
    finally:
        await process.stop()


def settings_for(port: int) -> dict[str, str]:
    """What an operator tells auth of it."""
    return {
        "PORTAL_RESELLER_PORTAL_ISSUER": f"http://{LOOPBACK}:{port}",
        "PORTAL_RESELLER_PORTAL_CLIENT_ID": CLIENT_ID,
        "PORTAL_RESELLER_PORTAL_CLIENT_SECRET": CLIENT_SECRET,
        "PORTAL_RESELLER_PORTAL_SCOPE": "openid email",
        "PORTAL_RESELLER_PORTAL_ACR": MFA,
    }
