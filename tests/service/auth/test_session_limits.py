"""How long sessions last: everywhere at most so long, shorter where vendor, reseller or tenant say
so, also for those that run, and never longer again.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.auth.app import open_auth
from shared.access import Permission
from shared.contracts.auth import SessionRevoked
from shared.contracts.events import Service
from shared.contracts.tenancy import (
    ResellerSettingsChanged,
    TenantCreated,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.service import Answer, Client, a_pass, running

GATEWAY = a_pass("gateway", subject="gateway", session="", org="")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """Auth with `anna` of 123456.sms, a tenant of 100001.rsp; an hour idle, twelve at most."""
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        created = TenantCreated(
            tenant_id=ADMIN.org, name="Acme", reseller_id="100001.rsp", locale="de"
        )
        await client.deliver(created)
        await add_account(client)
        yield client


async def tenant_says(auth: Client, sequence: int = 1, **decided: Any) -> None:
    event = TenantSettingsChanged(tenant_id=ADMIN.org, **decided)
    await auth.deliver(event, sequence=sequence)


async def refresh(auth: Client, tokens: dict[str, Any]) -> Answer:
    body = {"refresh_token": tokens["refresh_token"]}
    return await auth.post("/v1/session/refresh", as_=ANYBODY, json=body)


async def asked(auth: Client, tokens: dict[str, Any]) -> int:
    session = as_signed_in(tokens).session
    return (await auth.get(f"/internal/sessions/{session}", as_=GATEWAY)).status


@pytest.mark.parametrize("level", ["vendor", "100001.rsp", "123456.sms"])
async def test_a_shorter_idle_time_acts_on_sessions_that_run(auth: Client, level: str) -> None:
    tokens = await sign_in(auth)
    shorter: Any = {
        "vendor": VendorSettingsChanged(vendor_id="vendor", session_idle=20 * MINUTE),
        "100001.rsp": ResellerSettingsChanged(reseller_id="100001.rsp", session_idle=20 * MINUTE),
        "123456.sms": TenantSettingsChanged(tenant_id="123456.sms", session_idle=20 * MINUTE),
    }[level]
    auth.now.advance(19 * MINUTE)
    await auth.deliver(shorter)
    before = await asked(auth, tokens)
    auth.now.advance(MINUTE)

    assert (before, await asked(auth, tokens)) == (200, 404)
    assert (await refresh(auth, tokens)).body["code"] == "session_ended"


async def test_a_shorter_life_acts_on_sessions_that_run_however_busy(auth: Client) -> None:
    tokens = await sign_in(auth)
    for _ in range(4):
        auth.now.advance(50 * MINUTE)
        tokens = (await refresh(auth, tokens)).body
    await tenant_says(auth, session_absolute=4 * HOUR)

    auth.now.advance(39 * MINUTE)
    still = await refresh(auth, tokens)
    auth.now.advance(MINUTE)

    assert (still.status, await asked(auth, still.body)) == (200, 404)
    assert (await refresh(auth, still.body)).status == 401


async def test_of_all_levels_the_shortest_counts_and_a_longer_one_widens_nothing(
    auth: Client,
) -> None:
    await tenant_says(auth, session_idle=5 * HOUR, session_absolute=500 * HOUR)
    vendor = VendorSettingsChanged(vendor_id="vendor", session_idle=30 * MINUTE)
    reseller = ResellerSettingsChanged(reseller_id="100001.rsp", session_idle=40 * MINUTE)
    await auth.deliver(vendor)
    await auth.deliver(reseller)
    tokens = await sign_in(auth)

    auth.now.advance(29 * MINUTE)
    before = await asked(auth, tokens)
    auth.now.advance(MINUTE)

    assert (before, await asked(auth, tokens)) == (200, 404)


async def test_limits_that_are_widened_again_bring_no_session_back(auth: Client) -> None:
    await tenant_says(auth, session_idle=20 * MINUTE, session_absolute=2 * HOUR)
    begun_under_it = await sign_in(auth)
    await tenant_says(auth, sequence=2)
    auth.now.advance(21 * MINUTE)

    assert await asked(auth, begun_under_it) == 404
    assert (await refresh(auth, begun_under_it)).status == 401


async def test_a_limit_that_a_session_was_carried_on_under_stays_with_it(auth: Client) -> None:
    tokens = await sign_in(auth)
    await tenant_says(auth, session_idle=20 * MINUTE, session_absolute=2 * HOUR)
    auth.now.advance(MINUTE)
    tokens = (await refresh(auth, tokens)).body
    await tenant_says(auth, sequence=2)

    auth.now.advance(19 * MINUTE)
    before = await asked(auth, tokens)
    auth.now.advance(MINUTE)

    assert (before, await asked(auth, tokens)) == (200, 404)


async def test_a_changed_password_ends_also_what_a_wider_limit_would_bring_back(
    auth: Client,
) -> None:
    old = await sign_in(auth)
    await tenant_says(auth, session_idle=20 * MINUTE)
    auth.now.advance(25 * MINUTE)
    here = await sign_in(auth)
    new = {"old_password": PASSWORD, "new_password": "something else that is long"}

    changed = await auth.post("/v1/me/password", as_=as_signed_in(here), json=new)
    await tenant_says(auth, sequence=2)

    assert changed.status == 204
    assert await asked(auth, old) == 404
    assert as_signed_in(old).session in {one.session_id for one in await auth.heard(SessionRevoked)}


async def test_what_is_ended_by_a_limit_is_listed_no_more(auth: Client) -> None:
    await sign_in(auth)
    auth.now.advance(25 * MINUTE)
    here = as_signed_in(await sign_in(auth))
    await tenant_says(auth, session_idle=20 * MINUTE)

    listed = await auth.get("/v1/me/sessions", as_=here)

    assert [one["id"] for one in listed.body["items"]] == [here.session]


async def test_the_cookie_lives_no_longer_than_the_session(auth: Client) -> None:
    await tenant_says(auth, session_absolute=2 * HOUR)
    tokens = await sign_in(auth)
    auth.now.advance(30 * MINUTE)

    headers = {"Cookie": f"portal_refresh={tokens['refresh_token']}"}
    answer = await auth.post("/v1/session/refresh", as_=ANYBODY, json={}, headers=headers)

    kept = next(one for one in answer.headers.getall("Set-Cookie") if "portal_refresh=" in one)
    assert "Max-Age=5400" in kept.split("; ")


async def test_new_users_get_the_language_that_is_nearest(auth: Client) -> None:
    manager = a_pass(ADMIN.org, *Permission)
    vendor = VendorSettingsChanged(vendor_id="vendor", locale="en")
    locales = []
    for number, event in enumerate([None, vendor, "tenant"]):
        if event == "tenant":
            await tenant_says(auth, locale="de")
        elif event is not None:
            await auth.deliver(vendor)
        body = {"username": f"user-{number}", "email": "u@example.org", "roles": ["auditor"]}
        path = f"/v1/tenants/{ADMIN.org}/users"
        locales.append((await auth.post(path, as_=manager, json=body)).body["locale"])

    assert locales == ["de", "en", "de"]


async def test_late_and_repeated_words_of_settings_change_nothing(auth: Client) -> None:
    tokens = await sign_in(auth)
    await tenant_says(auth, sequence=2)
    narrow = TenantSettingsChanged(tenant_id=ADMIN.org, session_idle=10 * MINUTE)
    await auth.deliver(narrow, sequence=1, times=2)
    moved = TenantCreated(tenant_id=ADMIN.org, name="x", reseller_id="100009.rsp", locale="de")
    await auth.deliver(moved, sequence=1, times=2)
    other = ResellerSettingsChanged(reseller_id="100009.rsp", session_idle=10 * MINUTE)
    await auth.deliver(other, times=2)

    auth.now.advance(30 * MINUTE)

    assert await asked(auth, tokens) == 200
    assert await auth.failed() == []
