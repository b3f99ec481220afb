"""Signing in with the account of a Reseller Portal that is a certified OpenID Connect provider."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import RSAKey
from yarl import URL

from portal.demo.world import DemoAccount
from portal.ports import free_port
from services.auth.domain.accounts import RSP, username_key
from shared.clock import utc_now
from shared.ids import new_id
from shared.mongo.database import Mongo, open_mongo
from shared.step_up import ACR
from tests.support.deployments import embedded
from tests.support.person import Portal, demo
from tests.support.reseller_portal import (
    CALLBACK,
    CLIENT_ID,
    MFA,
    START,
    Browser,
    ResellerPortal,
    browser,
    reseller_portal,
    settings_for,
)

pytestmark = [pytest.mark.foreign, pytest.mark.asyncio(loop_scope="session")]

RITA: Final = "rsp|4711"
REFUSED: Final = "reseller_portal_refused"
SERVICES: Final = ("auth", "tenancy", "licensing", "mailer")


@dataclass(frozen=True)
class Both:
    portal: Portal
    elsewhere: ResellerPortal
    accounts: Mongo
    """Auth's database, where the subjects are that sync delivers."""

    async def link(self, account: DemoAccount, subject: str) -> None:
        known = {"issuer": self.elsewhere.issuer, "subject": subject}
        is_there = await self.accounts.collection("accounts").update(
            {"org": account.org, "username_key": username_key(account.username)},
            {"$set": {"label": RSP, "totp": None, "issuer_subject": known}},
        )
        assert is_there


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both(tmp_path_factory: pytest.TempPathFactory, mongo_url: str) -> AsyncIterator[Both]:
    folder, port, prefix = tmp_path_factory.mktemp("federated"), free_port(), f"f_{new_id()[:12]}_"
    env = {
        "MONGO_URL": mongo_url,
        "PORTAL_DATABASE_PREFIX": prefix,
        **settings_for(port),
    }
    async with (
        open_mongo(mongo_url, f"{prefix}auth") as auth,
        embedded(folder, env) as (portal, _),
        reseller_portal(folder, port, portal.url) as elsewhere,
    ):
        together = Both(portal, elsewhere, auth)
        await together.link(demo("100001.rsp", "reseller-admin"), RITA)
        yield together
    for service in SERVICES:
        async with open_mongo(mongo_url, f"{prefix}{service}") as mongo:
            await mongo.drop()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(both: Both) -> AsyncIterator[Browser]:
    async with browser(both.portal.url) as one:
        yield one


async def refreshed(visitor: Browser) -> dict[str, Any]:
    """The tokens that the refresh cookie stands for, as the portal's page asks for them."""
    status, tokens = await visitor.post("/v1/session/refresh", json={})
    assert status == 200, tokens
    assert isinstance(tokens, dict)
    return tokens


async def test_an_account_signs_in_by_the_subject_that_sync_delivered(
    both: Both, visitor: Browser
) -> None:
    # given somebody who shows two factors at the Reseller Portal
    await both.elsewhere.next(RITA, acr=MFA, amr=["pwd", "otp", "mfa"])

    # when the browser follows the link on the sign-in page
    page = await visitor.go(both.portal.url + START)

    # then it ends at the portal's page, with a session and no token in any address
    assert (page.url, page.status) == (f"{both.portal.url}/", 200)
    token = (await refreshed(visitor))["access_token"]
    me = await both.portal.call("GET", "/v1/me", token=token)
    assert (me.body["org"], me.body["label"]) == ("100001.rsp", "RSP")


async def test_the_request_asks_for_code_pkce_and_a_factor(both: Both, visitor: Browser) -> None:
    page = await visitor.open(both.portal.url + START)

    assert page.status == 302
    asked = {
        name: values[0] for name, values in parse_qs(urlsplit(page.location or "").query).items()
    }
    assert {name: asked[name] for name in ("response_type", "code_challenge_method")} == {
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    assert (asked["acr_values"], asked["scope"]) == (MFA, "openid email")
    assert asked["redirect_uri"] == both.portal.url + CALLBACK


async def test_a_session_from_there_is_as_fresh_as_its_factor_and_steps_up_there(
    both: Both, visitor: Browser
) -> None:
    # given a session of somebody who showed a second factor a moment ago
    await both.elsewhere.next(RITA, acr=MFA)
    await visitor.go(both.portal.url + START)
    token = (await refreshed(visitor))["access_token"]

    # when they ask to show it again, and do
    status, begun = await visitor.post(
        "/v1/session/step-up/reseller-portal", headers={"Authorization": f"Bearer {token}"}, json={}
    )
    assert (status, parse_qs(urlsplit(begun["url"]).query)["max_age"]) == (200, ["0"])
    page = await visitor.go(begun["url"])

    # then the same session's next token carries the newer instant
    assert page.url == f"{both.portal.url}/"
    before, after = claims(token), claims((await refreshed(visitor))["access_token"])
    assert after["sid"] == before["sid"]
    assert after["acr"] == before["acr"] == ACR
    assert after["auth_time"] >= before["auth_time"]


async def test_somebody_elses_factor_does_not_freshen_a_session(
    both: Both, visitor: Browser
) -> None:
    # given a session of one account, and another one linked to somebody else over there
    await both.link(demo("100002.rsp", "reseller-admin"), "rsp|4712")
    await both.elsewhere.next(RITA, acr=MFA)
    await visitor.go(both.portal.url + START)
    token = (await refreshed(visitor))["access_token"]
    _, begun = await visitor.post(
        "/v1/session/step-up/reseller-portal", headers={"Authorization": f"Bearer {token}"}, json={}
    )

    # when the other one shows a factor in the same browser
    visitor.http.cookie_jar.clear(lambda cookie: cookie.key.startswith("_session"))
    await both.elsewhere.next("rsp|4712", acr=MFA)
    page = await visitor.go(begun["url"])

    # then it is refused
    assert (page.status, page.code) == (401, REFUSED)


async def test_without_a_second_factor_the_way_leads_to_where_it_is_activated(
    both: Both, visitor: Browser
) -> None:
    await both.elsewhere.next(RITA, acr="urn:reseller-portal:password", amr=["pwd"])

    page = await visitor.go(both.portal.url + START)

    assert page.location == "https://reseller-portal.example"
    assert (await visitor.post("/v1/session/refresh", json={}))[0] == 401


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param("somebody-new", id="unknown"),
        pytest.param("RSP|4711", id="other-case"),
        pytest.param("reseller-admin", id="user-name"),
    ],
)
async def test_no_account_is_found_by_a_name_or_a_mail_address(
    both: Both, visitor: Browser, subject: str
) -> None:
    # given a subject that is linked to nobody, whose mail address is an account's
    address = demo("100001.rsp", "reseller-admin").email
    await both.elsewhere.next(subject, acr=MFA, email=address)

    # when they sign in
    page = await visitor.go(both.portal.url + START)

    # then there is nothing for them, and nothing was made
    assert (page.status, page.code) == (401, REFUSED)
    assert (await visitor.post("/v1/session/refresh", json={}))[0] == 401
    found = await both.accounts.collection("accounts").count({"issuer_subject.subject": subject})
    assert found == 0


async def test_an_answer_is_good_once(both: Both, visitor: Browser) -> None:
    # given an answer of the Reseller Portal that was used
    await both.elsewhere.next(RITA, acr=MFA)
    back = await visitor.go(both.portal.url + START, until=CALLBACK)
    cookies = visitor.cookies()
    assert (await visitor.open(back.location or "")).location == f"{both.portal.url}/"

    # when it comes again with the very cookies that came along
    visitor.http.cookie_jar.clear()
    visitor.http.cookie_jar.update_cookies(cookies, URL(both.portal.url))
    again = await visitor.open(back.location or "")

    # then it is refused
    assert (again.status, again.code) == (401, REFUSED)


async def test_a_code_that_leaked_is_of_no_use_in_another_browser(
    both: Both, visitor: Browser
) -> None:
    # given an answer on its way to one browser
    await both.elsewhere.next(RITA, acr=MFA)
    stolen = (await visitor.go(both.portal.url + START, until=CALLBACK)).location or ""

    async with browser(both.portal.url) as thief:
        # when another browser brings it, without anything begun or with its own state put in
        bare = await thief.open(stolen)
        own = await thief.open(both.portal.url + START)
        state = parse_qs(urlsplit(own.location or "").query)["state"][0]
        code = parse_qs(urlsplit(stolen).query)["code"][0]
        query = urlencode({"code": code, "state": state, "iss": both.elsewhere.issuer})
        injected = await thief.open(f"{both.portal.url}{CALLBACK}?{query}")

    # then PKCE has the Reseller Portal refuse the code
    assert (bare.status, bare.code) == (injected.status, injected.code) == (401, REFUSED)


async def test_who_presses_cancel_there_is_refused_here(both: Both, visitor: Browser) -> None:
    await both.elsewhere.next(RITA, denies=True)

    page = await visitor.go(both.portal.url + START)

    assert "error=access_denied" in page.url
    assert (page.status, page.code) == (401, REFUSED)


async def test_signing_out_there_ends_the_session_here(both: Both, visitor: Browser) -> None:
    # given a session
    await both.elsewhere.next(RITA, acr=MFA)
    await visitor.go(both.portal.url + START)
    token = (await refreshed(visitor))["access_token"]

    # when its owner signs out at the Reseller Portal
    await both.elsewhere.sign_out(RITA)

    # then neither cookie nor token opens anything
    assert (await visitor.post("/v1/session/refresh", json={}))[0] == 401
    async with asyncio.timeout(2):
        while (await both.portal.call("GET", "/v1/me", token=token)).status != 401:
            await asyncio.sleep(0.05)


async def test_a_logout_that_the_issuer_did_not_sign_ends_nothing(
    both: Both, visitor: Browser
) -> None:
    # given a session, and a logout token by somebody else's key
    await both.elsewhere.next(RITA, acr=MFA)
    await visitor.go(both.portal.url + START)
    now = int(utc_now().timestamp())
    forged = jwt.encode(
        {"alg": "RS256", "typ": "logout+jwt", "kid": "keystore-CHANGE-ME"},
        {
            "iss": both.elsewhere.issuer,
            "aud": CLIENT_ID,
            "sub": RITA,
            "iat": now,
            "exp": now + 60,
            "jti": new_id(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        },
        RSAKey.generate_key(2048),
    )

    # when it is sent
    told = await both.portal.call(
        "POST", "/v1/login/reseller-portal/logout", data={"logout_token": forged}
    )

    # then it is refused and the session goes on
    assert (told.status, told.code) == (400, "logout_token_refused")
    assert await refreshed(visitor)


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    found = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert isinstance(found, dict)
    return found
