"""An OpenID Connect provider that lies as a test tells it to; honest until then.

What an honest one does is tested with a real one; none of those can be made to sign lies.
"""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet

from portal.ports import LOOPBACK
from tests.support.service import FixedClock

Json: TypeAlias = dict[str, Any]
CLIENT_ID: Final = "mobile-security-portal"
ACCESS_TOKEN: Final = "an access token of the issuer"
SUBJECT: Final = "rsp|4711"


def a_key(kid: str = "first") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


@dataclass
class Issuer:
    """`claims` and `header` are what the next ID token says otherwise; None leaves a part out."""

    now: FixedClock
    url: str = ""
    key: Key = field(default_factory=a_key)
    published: list[Key] | None = None
    """The keys at its JWKS address; by default the one that it signs with."""
    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)
    sign: Callable[[Json, Json], str] | None = None
    token_answer: Callable[[], web.StreamResponse] | None = None
    """In place of tokens."""
    is_broken: bool = False
    silent_seconds: float = 0
    """How long nothing is answered."""
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for, oldest first."""
    nonce: str = ""

    def id_token(self) -> str:
        now = int(self.now().timestamp())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": self.nonce,
            "amr": ["pwd", "mfa"],
            "at_hash": at_hash(ACCESS_TOKEN),
        }
        return self.signed(claims)

    def logout_token(self) -> str:
        now = int(self.now().timestamp())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "iat": now,
            "exp": now + 120,
            "jti": f"logout-{len(self.asked)}-{now}",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        return self.signed(claims, typ="logout+jwt")

    def signed(self, claims: Json, typ: str = "JWT") -> str:
        header = but({"alg": "ES256", "typ": typ, "kid": self.key.kid}, self.header)
        claims = but(claims, self.claims)
        if self.sign is not None:
            return self.sign(header, claims)
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]], default_type=None)

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._noted])
        app.router.add_get("/.well-known/openid-configuration", self._configuration)
        app.router.add_get("/jwks", self._jwks)
        app.router.add_post("/token", self._token)
        return app

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        await asyncio.sleep(self.silent_seconds)
        if self.is_broken:
            return web.Response(status=500)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _configuration(self, _: web.Request) -> web.Response:
        honest = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth?tenant=1",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        return web.json_response(but(honest, self.metadata))

    async def _jwks(self, _: web.Request) -> web.Response:
        keys = self.published if self.published is not None else [self.key]
        return web.json_response(KeySet(keys).as_dict(private=False))

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        assert (form["grant_type"], form["code"]) == ("authorization_code", "the-code")
        if self.token_answer is not None:
            return self.token_answer()
        tokens = {"access_token": ACCESS_TOKEN, "token_type": "Bearer"}
        return web.json_response({**tokens, "id_token": self.id_token()})


@asynccontextmanager
async def an_issuer(now: FixedClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(now)
    runner = web.AppRunner(issuer.application(), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        issuer.url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
        yield issuer
    finally:
        await runner.cleanup()


def at_hash(access_token: str) -> str:
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def but(honest: Json, otherwise: Json) -> Json:
    return {name: one for name, one in {**honest, **otherwise}.items() if one is not None}
