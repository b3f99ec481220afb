"""Auth beside a Reseller Portal that a test controls, and a browser on its way between them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import ClientSession
from joserfc import jwt

from services.auth.app import open_auth
from services.auth.domain.accounts import IssuerSubject
from services.auth.handlers.reseller_portal import FLOW_COOKIE
from services.auth.settings import AuthSettings
from shared.contracts.events import Service
from shared.service import in_process
from tests.support.auth import ADMIN, ANYBODY, TOKEN_KEYS, add_account, auth_settings
from tests.support.issuer import CLIENT_ID, SUBJECT, Issuer, an_issuer, but
from tests.support.service import Answer, Client, FixedClock, running

START: Final = "/v1/login/reseller-portal"
CALLBACK: Final = "/v1/login/reseller-portal/callback"
REFUSED: Final = "reseller_portal_refused"
RITA: Final = replace(
    ADMIN,
    org="100001.rsp",
    username="rita",
    roles=("reseller-admin",),
    password=None,
    totp_secret=None,
    email="rita@example.org",
)


@dataclass(frozen=True)
class World:
    auth: Client
    issuer: Issuer
    rita: str

    async def sessions(self) -> int:
        return await self.auth.mongo.collection("sessions").count({})

    async def set(self, **fields: Any) -> None:
        await self.auth.mongo.collection("accounts").update({"_id": self.rita}, {"$set": fields})


@asynccontextmanager
async def a_world(mongo_url: str) -> AsyncIterator[World]:
    now = FixedClock()
    async with an_issuer(now) as issuer:
        settings = auth_settings(
            mongo_url,
            reseller_portal_issuer=issuer.url,
            reseller_portal_client_id=CLIENT_ID,
            reseller_portal_client_secret="a secret",
            reseller_portal_acr="gold",
        )
        async with running(Service.AUTH, open_auth, settings, now) as auth:
            known = IssuerSubject(issuer.url, SUBJECT)
            yield World(auth, issuer, await add_account(auth, RITA, issuer_subject=known))


@asynccontextmanager
async def another_replica(world: World) -> AsyncIterator[Client]:
    """Auth once more, on the same database and with the same keys."""
    assert isinstance(world.auth.settings, AuthSettings)
    async with (
        open_auth(world.auth.settings, in_process(world.auth.hub), world.auth.now) as up,
        ClientSession(up.url) as http,
    ):
        yield replace(world.auth, http=http)


async def refreshed(world: World, done: Answer) -> dict[str, Any]:
    """What the next access token says, for the refresh cookie of this answer."""
    token = (await tokens_of(world, done))["access_token"]
    return dict(jwt.decode(token, TOKEN_KEYS.jwks, algorithms=["EdDSA"]).claims)


async def tokens_of(world: World, done: Answer) -> dict[str, Any]:
    assert (done.status, done.headers["Location"]) == (302, "/"), done.body
    cookie = next(
        one for one in done.headers.getall("Set-Cookie") if one.startswith("portal_refresh=")
    )
    sent = {"Cookie": cookie.partition(";")[0]}
    answer = await world.auth.post("/v1/session/refresh", as_=ANYBODY, json={}, headers=sent)
    assert answer.status == 200, answer.body
    return dict(answer.body)


async def is_refused(world: World, answer: Answer) -> bool:
    """One refusal, with no cookie and no session."""
    assert (answer.status, answer.body["code"]) == (401, REFUSED)
    assert "Set-Cookie" not in answer.headers
    return await world.sessions() == 0


@dataclass
class Begun:
    """A sign-in on its way: what the browser keeps, and what the issuer would answer."""

    issuer: Issuer
    client: Client
    asked: dict[str, str]
    cookie: str
    set_cookie: str

    async def come_back(
        self,
        cookie: str | None = None,
        source: str = "192.0.2.1",
        accept: str = "*/*",
        **otherwise: str | None,
    ) -> Answer:
        """The browser comes back with the issuer's answer, or one that says otherwise."""
        honest = {"code": "the-code", "state": self.asked["state"], "iss": self.issuer.url}
        query = urlencode(but(honest, otherwise))
        sent = {
            "Cookie": f"{FLOW_COOKIE}={self.cookie if cookie is None else cookie}",
            "X-Forwarded-For": source,
            "Accept": accept,
        }
        return await self.client.get(
            f"{CALLBACK}?{query}", as_=ANYBODY, headers=sent, allow_redirects=False
        )


async def begin(client: Client, issuer: Issuer, headers: dict[str, str] | None = None) -> Begun:
    """A browser follows the link on the sign-in page."""
    start = await client.get(START, as_=ANYBODY, allow_redirects=False, headers=headers)
    assert start.status == 302, start.body
    return begun_by(client, issuer, start, start.headers["Location"])


def begun_by(client: Client, issuer: Issuer, answer: Answer, url: str) -> Begun:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    issuer.nonce = asked["nonce"]
    kept = SimpleCookie(answer.headers["Set-Cookie"])[FLOW_COOKIE].value
    return Begun(issuer, client, asked, kept, answer.headers["Set-Cookie"])
