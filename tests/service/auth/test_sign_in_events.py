"""Every sign-in is told, and every refusal counted, without a way to flood anybody with them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.auth.actions.refusals import tell_refusals
from services.auth.app import build, open_auth
from shared.contracts.auth import SessionStarted, SignInRefused
from shared.contracts.events import Service
from shared.contracts.tenancy import TenantCreated
from tests.support.auth import ADMIN, ANYBODY, PASSWORD, add_account, auth_settings, sign_in
from tests.support.service import Client, running

CREDENTIALS = {"username": "anna", "password": PASSWORD, "tenant": "123456.sms"}


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(mongo_url, throttle_account_failures=3)
    async with running(Service.AUTH, open_auth, settings) as client:
        await client.deliver(
            TenantCreated(
                tenant_id="123456.sms", name="Acme", reseller_id="100001.rsp", locale="de"
            )
        )
        yield client


async def refuse(auth: Client, times: int = 1, **other: str) -> None:
    for _ in range(times):
        body = {**CREDENTIALS, "password": "not the password", **other}
        assert (await auth.post("/v1/login", as_=ANYBODY, json=body)).status == 401


async def told(auth: Client) -> list[SignInRefused]:
    async with auth.acting(build) as deps:
        await tell_refusals(deps)
        deps.hasher.close()
    return await auth.heard(SignInRefused)


async def test_a_sign_in_is_told_with_what_was_shown_and_who_it_was(auth: Client) -> None:
    account = await add_account(auth)
    await sign_in(auth)

    (envelope,) = await auth.envelopes(SessionStarted)
    assert envelope.data["account_id"] == envelope.actor == account
    assert envelope.actororg == ADMIN.org
    assert "otp" in envelope.data["method"]


async def test_an_accounts_refusals_are_told_once_a_minute_with_their_number(auth: Client) -> None:
    account = await add_account(auth)
    await refuse(auth, 10)
    early = await told(auth)
    auth.now.advance(timedelta(minutes=1))

    (refused,) = await told(auth)

    assert early == []
    assert (refused.account_id, refused.org, refused.method) == (account, ADMIN.org, "password")
    assert (refused.count, refused.held_back) == (10, True)


async def test_a_wrong_code_is_a_refused_sign_in(auth: Client) -> None:
    account = await add_account(auth)
    step = await auth.post("/v1/login", as_=ANYBODY, json=CREDENTIALS)
    body = {"challenge": step.body["challenge"], "code": "000000"}
    assert (await auth.post("/v1/login/totp", as_=ANYBODY, json=body)).status == 401
    auth.now.advance(timedelta(minutes=1))

    (refused,) = await told(auth)

    assert (refused.account_id, refused.method, refused.count) == (account, "code", 1)


async def test_names_that_nobody_has_are_counted_together_and_told_by_the_hour(
    auth: Client,
) -> None:
    for number in range(8):
        await refuse(auth, username=f"guess-{number}")
    rows = await auth.mongo.collection("refusals").find({})
    auth.now.advance(timedelta(hours=1))

    (refused,) = await told(auth)

    assert [row["count"] for row in rows] == [8]
    assert (refused.account_id, refused.whom, refused.count) == (None, "123456.sms", 8)


async def test_organisations_that_do_not_exist_are_counted_together_at_the_vendor(
    auth: Client,
) -> None:
    for number in range(5):
        await refuse(auth, tenant=f"99999{number}.sms")
    await refuse(auth, tenant="no organisation at all")
    auth.now.advance(timedelta(hours=1))

    (refused,) = await told(auth)

    assert (refused.org, refused.count) == ("vendor", 6)


async def test_no_password_nor_name_is_kept_with_the_count(auth: Client) -> None:
    await refuse(auth, username="somebody-by-name", password="a secret that was typed")

    kept = str(await auth.mongo.collection("refusals").find({}))

    assert "somebody-by-name" not in kept
    assert "a secret that was typed" not in kept
