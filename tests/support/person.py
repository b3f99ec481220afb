"""A person's client: speaks HTTP through the gateway and reads mails in the catcher."""

import asyncio
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pyotp

from portal.demo.world import DemoAccount, accounts
from shared.clock import monotonic, utc_now

STEP: Final = 30
TYPING: Final = 15
"""Seconds that a code is good for at least when it is shown."""
FRESH_SECONDS: Final = 360
"""How long a session is kept: its factor counts as fresh for ten minutes, and a test needs some."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any
    raw: bytes
    cookies: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.body["code"])


@dataclass
class Authenticator:
    """An authenticator app. It never shows a code twice: where it must, it waits for the next.

    Nor does it show one that may have run out before it is typed in.
    """

    secret: str
    _last: int = 0

    async def code(self) -> str:
        while True:
            step, spent = divmod(int(utc_now().timestamp()), STEP)
            earliest = step - 1 if spent < STEP - TYPING else step
            fresh = next((one for one in range(earliest, step + 2) if one > self._last), None)
            if fresh is not None:
                self._last = fresh
                return pyotp.TOTP(self.secret).generate_otp(fresh)
            await asyncio.sleep(0.5)


@dataclass(frozen=True)
class Kept:
    """A session that somebody keeps open from one test to the next, as people do all day."""

    refresh_token: str
    signed_in_at: float


@dataclass
class Portal:
    """A running portal as people see it: its public door and its mail catcher."""

    url: str
    mail_url: str
    http: aiohttp.ClientSession
    apps: dict[tuple[str, str], Authenticator] = field(default_factory=dict)
    open: dict[tuple[str, str], Kept] = field(default_factory=dict)

    async def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Answer:
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        async with self.http.request(method, self.url + path, headers=sent, **more) as response:
            raw = await response.read()
            is_json = response.content_type.endswith("json")  # JSON lines are text
            body = await response.json(content_type=None) if raw and is_json else None
            return Answer(response.status, response.headers, body, raw, response.cookies)

    def app_of(self, account: DemoAccount) -> Authenticator:
        assert account.totp_secret is not None
        key = (account.org, account.username)
        return self.apps.setdefault(key, Authenticator(account.totp_secret))

    async def give_password(
        self, account: DemoAccount, password: str | None = None, **more: Any
    ) -> Answer:
        body = {
            "username": account.username,
            "password": password or account.password,
            "tenant": account.org,
            **more,
        }
        return await self.call("POST", "/v1/login", json=body)

    async def sign_in(
        self, account: DemoAccount, password: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Password and code; the tokens, with the refresh token in the body."""
        first = await self.give_password(account, password, transport="body", **more)
        assert first.status == 200, first.body
        assert first.body["next"] == "totp"
        code = await self.app_of(account).code()
        step = {"challenge": first.body["challenge"], "code": code}
        done = await self.call("POST", "/v1/login/totp", json=step)
        assert done.status == 200, done.body
        assert isinstance(done.body, dict)
        return done.body

    async def token(self, org: str, username: str) -> str:
        """An access token of somebody who is signed in: by a session kept open, else anew."""
        kept = self.open.pop((org, username), None)
        tokens = await self._carried_on(kept) if kept else None
        if kept is None or tokens is None:
            tokens = await self.sign_in(demo(org, username))
            kept = Kept("", monotonic())
        self.open[org, username] = replace(kept, refresh_token=tokens["refresh_token"])
        return str(tokens["access_token"])

    async def _carried_on(self, kept: Kept) -> dict[str, Any] | None:
        """The session's next tokens; None where it has ended or its factor is no longer fresh."""
        if monotonic() - kept.signed_in_at > FRESH_SECONDS:
            return None
        body = {"refresh_token": kept.refresh_token}
        renewed = await self.call("POST", "/v1/session/refresh", json=body)
        return renewed.body if renewed.status == 200 else None

    async def mails_to(self, address: str) -> list[dict[str, Any]]:
        """All mails to this address so far, newest first, as the catcher lists them."""
        async with self.http.get(f"{self.mail_url}/api/v1/messages?limit=1000") as response:
            listed = (await response.json())["messages"]
        return [one for one in listed if any(to["Address"] == address for to in one["To"])]

    async def next_mail(
        self, address: str, seen: int, within_seconds: float = 10
    ) -> dict[str, Any]:
        """The mail to this address that comes after the first `seen` ones, with text and HTML."""
        until = monotonic() + within_seconds
        while monotonic() < until:
            mails = await self.mails_to(address)
            if len(mails) > seen:
                wanted = mails[len(mails) - 1 - seen]["ID"]
                async with self.http.get(f"{self.mail_url}/api/v1/message/{wanted}") as response:
                    found = await response.json()
                    assert isinstance(found, dict)
                    return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"no mail number {seen + 1} to {address}")

    async def headers_of(self, mail: Mapping[str, Any]) -> dict[str, list[str]]:
        async with self.http.get(
            f"{self.mail_url}/api/v1/message/{mail['ID']}/headers"
        ) as response:
            found = await response.json()
            assert isinstance(found, dict)
            return found


def demo(org: str, username: str) -> DemoAccount:
    return next(one for one in accounts() if (one.org, one.username) == (org, username))


def link_in(mail: Mapping[str, Any], path: str) -> str:
    """The token of the link in a mail's text, which must be in its HTML as well."""
    links = re.findall(r"https?://\S+", mail["Text"])
    link = next(one for one in links if urlsplit(one).path == path)
    assert link in html.unescape(mail["HTML"])
    token: str = parse_qs(urlsplit(link).query)["token"][0]
    return token


_CHANGING: Final = {"x-request-id", "date", "ratelimit"}


def without_request_id(answer: Answer) -> tuple[int, bytes, list[tuple[str, str]]]:
    """An answer byte for byte, save for the request's id, the date and the count of requests."""
    request_id = answer.headers["X-Request-Id"].encode()
    headers = [(name, value) for name, value in answer.headers.items()]
    same = [(name, value) for name, value in headers if name.lower() not in _CHANGING]
    return answer.status, answer.raw.replace(request_id, b"-"), same
