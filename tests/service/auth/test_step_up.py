"""What is dangerous needs a factor shown a short while ago, and showing it again is guarded too."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.auth.app import open_auth
from shared.contracts.auth import RecoveryCodesReplaced, RecoveryCodeUsed
from shared.contracts.events import Service
from shared.passes import Pass
from tests.support.auth import (
    ANYBODY,
    PASSWORD,
    add_account,
    as_enrolling,
    as_signed_in,
    auth_settings,
    code_now,
    sign_in,
)
from tests.support.service import NOON, Answer, Client, running
from tests.support.users import MANAGER, PATH, active, edit

MINUTE = timedelta(minutes=1)
CODES = "/v1/me/recovery-codes"


@pytest.fixture
async def auth(mongo_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """Auth with `anna`, who has a second factor and need not have one."""
    given = {"totp_required_from": NOON + timedelta(days=90), **getattr(request, "param", {})}
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url, **given)) as client:
        await add_account(client)
        yield client


async def step_up(auth: Client, as_: Pass, code: str) -> Answer:
    return await auth.post("/v1/session/step-up", as_=as_, json={"code": code})


async def fresh_codes(auth: Client, as_: Pass) -> list[str]:
    answer = await auth.post(CODES, as_=as_)
    assert answer.status == 200, answer.body
    found: list[str] = answer.body["recovery_codes"]
    return found


async def give(auth: Client, code: str) -> Answer:
    """Sign in with this code as the second step."""
    login = {"username": "anna", "password": PASSWORD, "tenant": "123456.sms"}
    first = await auth.post("/v1/login", as_=ANYBODY, json=login)
    step = {"challenge": first.body["challenge"], "code": code}
    return await auth.post("/v1/login/totp", as_=ANYBODY, json=step)


async def test_an_old_factor_is_not_enough_and_a_factor_shown_again_is(auth: Client) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(11 * MINUTE)
    old = as_signed_in(tokens)

    refused = await auth.post(CODES, as_=old)
    shown = await step_up(auth, old, code_now(auth))
    done = await auth.post(CODES, as_=as_signed_in(shown.body))

    assert (refused.status, refused.body["code"]) == (401, "insufficient_user_authentication")
    assert 'error="insufficient_user_authentication"' in refused.headers["WWW-Authenticate"]
    assert 'max_age="600"' in refused.headers["WWW-Authenticate"]
    assert (shown.status, shown.body["token_type"], shown.body["expires_in"]) == (
        200,
        "Bearer",
        300,
    )
    assert as_signed_in(shown.body).session == old.session
    assert done.status == 200


async def test_a_refreshed_token_is_as_old_as_the_factor_and_no_younger(auth: Client) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(11 * MINUTE)

    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = await auth.post("/v1/session/refresh", as_=ANYBODY, json=body)

    assert as_signed_in(refreshed.body).factor_at == as_signed_in(tokens).factor_at
    assert (await auth.post(CODES, as_=as_signed_in(refreshed.body))).status == 401


async def test_a_session_by_password_alone_has_shown_no_factor(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    account = {"username": "bert", "password": PASSWORD, "tenant": "123456.sms"}
    tokens = (await auth.post("/v1/login", as_=ANYBODY, json=account)).body
    here = as_signed_in(tokens)

    refused = await auth.delete("/v1/me/totp", as_=here)
    shown = await step_up(auth, here, "123456")

    assert here.factor_at is None
    assert (refused.status, refused.body["code"]) == (401, "insufficient_user_authentication")
    assert (shown.status, shown.body["code"]) == (409, "totp_not_active")


async def test_who_activates_while_signed_in_has_shown_the_factor(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    login = {"username": "bert", "password": PASSWORD, "tenant": "123456.sms"}
    tokens = (await auth.post("/v1/login", as_=ANYBODY, json={**login, "transport": "body"})).body
    here = as_signed_in(tokens)
    secret = (await auth.post("/v1/me/totp", as_=here)).body["secret"]
    confirmed = await auth.post(
        "/v1/me/totp/confirm", as_=here, json={"code": code_now(auth, secret)}
    )

    body = {"refresh_token": tokens["refresh_token"]}
    refreshed = await auth.post("/v1/session/refresh", as_=ANYBODY, json=body)

    assert confirmed.status == 200
    assert as_signed_in(refreshed.body).factor_at == int(NOON.timestamp())


async def test_a_code_steps_up_once(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))
    auth.now.advance(MINUTE)
    code = code_now(auth)

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(step_up(auth, here, code)) for _ in range(10)]

    assert sorted(one.result().status for one in tries) == [200] + [401] * 9


async def test_guessing_is_held_back_also_for_who_is_signed_in(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))
    auth.now.advance(MINUTE)
    for _ in range(40):
        assert (await step_up(auth, here, "000000")).body["code"] == "code_refused"

    right = await step_up(auth, here, code_now(auth))

    assert right.status == 401


async def test_a_recovery_code_steps_up_once_and_is_told(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))
    (code, *_) = await fresh_codes(auth, here)
    auth.now.advance(11 * MINUTE)

    shown = await step_up(auth, here, code)
    again = await step_up(auth, here, code)

    assert (shown.status, again.status) == (200, 401)
    assert [used.codes_left for used in await auth.heard(RecoveryCodeUsed)] == [9]


async def test_new_recovery_codes_kill_the_old_ones_and_are_told(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))
    old = await fresh_codes(auth, here)
    new = await fresh_codes(auth, here)

    by_old, by_new = await give(auth, old[0]), await give(auth, new[0])
    me = await auth.get("/v1/me", as_=here)

    assert len(set(old + new)) == 20
    assert (by_old.status, by_new.status) == (401, 200)
    assert me.body["totp"]["recovery_codes_left"] == 9
    assert len(await auth.heard(RecoveryCodesReplaced)) == 2


async def test_giving_the_factor_up_needs_it_to_be_fresh(auth: Client) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(11 * MINUTE)
    here = as_signed_in(tokens)

    stale = await auth.delete("/v1/me/totp", as_=here)
    shown = await step_up(auth, here, code_now(auth))
    done = await auth.delete("/v1/me/totp", as_=as_signed_in(shown.body))

    assert (stale.status, done.status) == (401, 204)
    assert (await sign_in(auth))["next"] == "done"


@pytest.mark.parametrize("auth", [{"totp_required_from": NOON - timedelta(days=1)}], indirect=True)
async def test_what_is_compulsory_is_not_given_up_however_fresh(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))

    refused = await auth.delete("/v1/me/totp", as_=here)

    assert (refused.status, refused.body["code"]) == (409, "totp_compulsory")


@pytest.mark.parametrize(
    "age", [None, -3600, 601], ids=["never", "shown in the future", "a second too old"]
)
async def test_the_age_of_a_factor_is_judged_by_our_clock(auth: Client, age: int | None) -> None:
    here = as_signed_in(await sign_in(auth))
    shown_at = None if age is None else int(auth.now().timestamp()) - age

    answer = await auth.post(CODES, as_=replace(here, factor_at=shown_at))

    assert answer.status == 401


async def test_another_role_needs_a_fresh_factor_and_another_name_does_not(auth: Client) -> None:
    uid = await active(auth)
    path, stale = f"{PATH}/{uid}", replace(MANAGER, factor_at=None)
    tag = {"If-Match": (await auth.get(path, as_=stale)).headers["ETag"]}

    role = await auth.patch(path, as_=stale, json={"roles": ["admin"]}, headers=tag)
    name = await auth.patch(path, as_=stale, json={"comment": "Second floor"}, headers=tag)
    fresh = await edit(auth, uid, roles=["admin"])

    assert (role.status, role.body["code"]) == (401, "insufficient_user_authentication")
    assert (name.status, fresh.status) == (200, 200)


async def test_who_is_only_enrolling_steps_up_nowhere(auth: Client) -> None:
    account_id = await add_account(auth, username="bert", totp_secret=None)

    for path, body in (("/v1/session/step-up", {"code": code_now(auth)}), (CODES, {})):
        answer = await auth.post(path, as_=as_enrolling(account_id), json=body)
        assert (answer.status, answer.body["code"]) == (401, "pass_required")


@pytest.mark.parametrize("body", [{}, {"code": 123456}, {"code": {"$ne": ""}}, {"code": ""}])
async def test_a_body_that_is_no_code_is_refused(auth: Client, body: dict[str, Any]) -> None:
    here = as_signed_in(await sign_in(auth))

    answer = await auth.post("/v1/session/step-up", as_=here, json=body)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
