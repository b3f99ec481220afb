"""Without an issuer there is no such sign-in; and settings that make none are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.auth.app import open_auth
from shared.contracts.events import Service
from tests.support.auth import ADMIN, ANYBODY, add_account, as_signed_in, auth_settings, sign_in
from tests.support.federation import CALLBACK, START
from tests.support.service import running


async def test_without_an_issuer_the_paths_are_as_good_as_absent(mongo_url: str) -> None:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as auth:
        await add_account(auth)
        caller = as_signed_in(await sign_in(auth), ADMIN.org)
        answers = [
            await auth.get(START, as_=ANYBODY, headers={"Accept": "text/html"}),
            await auth.get(f"{CALLBACK}?code=c&state=s", as_=ANYBODY),
            await auth.post(f"{START}/logout", as_=ANYBODY, data={"logout_token": "x"}),
            await auth.post("/v1/session/step-up/reseller-portal", as_=caller, json={}),
        ]

        ways = await auth.get("/v1/login", as_=ANYBODY)

    assert ways.body == {"ways": ["password"]}
    assert [(one.status, one.body["code"]) for one in answers] == [(404, "not_found")] * 4


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"reseller_portal_issuer": "https://rsp.example"}, id="no-client-id"),
        pytest.param({"reseller_portal_issuer": "http://rsp.example"}, id="in-the-clear"),
        pytest.param(
            {"reseller_portal_issuer": "http://localhost.rsp.example"}, id="like-loopback"
        ),
        pytest.param({"reseller_portal_issuer": "https://rsp.example?x=1"}, id="query"),
        pytest.param({"reseller_portal_scope": "email"}, id="no-openid"),
    ],
)
def test_settings_that_make_no_issuer_are_refused(mongo_url: str, given: dict[str, Any]) -> None:
    more = {"reseller_portal_client_id": "us", **given}
    if given == {"reseller_portal_issuer": "https://rsp.example"}:
        del more["reseller_portal_client_id"]

    with pytest.raises(ValidationError):
        auth_settings(mongo_url, **more)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://rsp.example",
        "https://rsp.example:8443/realms/a/",
        "http://127.0.0.1:9",
        "http://[::1]:9",
    ],
)
def test_settings_that_make_one_are_taken(mongo_url: str, issuer: str) -> None:
    made = auth_settings(mongo_url, reseller_portal_issuer=issuer, reseller_portal_client_id="us")

    assert made.reseller_portal_issuer == issuer
