"""A cookie that another site's page makes a browser send carries no session on and ends none."""

from collections.abc import AsyncIterator

import pytest

from services.auth.app import open_auth
from shared.contracts.auth import SessionRevoked
from shared.contracts.events import Service
from tests.support.auth import ANYBODY, add_account, as_signed_in, auth_settings, sign_in
from tests.support.service import Answer, Client, a_pass, running

HOST = "portal.example"
GATEWAY = a_pass("gateway", subject="gateway", session="", org="")
SITES = [
    {"Origin": "https://evil.example"},
    {"Origin": "https://portal.example.evil.example"},
    {"Origin": "https://sub.portal.example"},
    {"Origin": "https://portal.example:8443"},
    {"Origin": f"http://{HOST}"},
    {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"},
    {"Origin": f"http://{HOST}:443"},
    {"Origin": "https://evil.example@portal.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": HOST},
    {"Origin": "https://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "Same-Origin, cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": f"https://{HOST}"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
]


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(
        Service.AUTH, open_auth, auth_settings(mongo_url, public_url=f"https://{HOST}")
    ) as client:
        await add_account(client)
        yield client


async def post(auth: Client, path: str, token: str, said: dict[str, str]) -> Answer:
    """As a browser that has the cookie, called at this host."""
    sent = {"Cookie": f"portal_refresh={token}", "X-Forwarded-Host": HOST, **said}
    return await auth.post(path, as_=ANYBODY, headers=sent)


@pytest.mark.parametrize("said", SITES, ids=str)
@pytest.mark.parametrize("path", ["/v1/session/refresh", "/v1/session/logout"])
async def test_another_sites_page_does_nothing_with_the_cookie(
    auth: Client, path: str, said: dict[str, str]
) -> None:
    tokens = await sign_in(auth)
    session = as_signed_in(tokens).session

    refused = await post(auth, path, tokens["refresh_token"], said)

    assert (refused.status, refused.body["code"]) == (403, "origin_not_allowed")
    assert "Set-Cookie" not in refused.headers
    assert await auth.heard(SessionRevoked) == []
    live = await auth.get(f"/internal/sessions/{session}", as_=GATEWAY)
    own = await post(auth, "/v1/session/refresh", tokens["refresh_token"], {})
    assert (live.status, own.status) == (200, 200)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Origin": f"https://{HOST}"},
        {"Origin": f"https://{HOST}", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=["no browser", "a browser", "a browser of today"],
)
@pytest.mark.parametrize(
    ("path", "status"), [("/v1/session/refresh", 200), ("/v1/session/logout", 204)]
)
async def test_the_portals_own_page_and_who_is_no_browser_may_use_it(
    auth: Client, path: str, status: int, said: dict[str, str]
) -> None:
    tokens = await sign_in(auth)

    done = await post(auth, path, tokens["refresh_token"], said)

    assert done.status == status
