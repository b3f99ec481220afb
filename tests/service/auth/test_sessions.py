"""Sessions: carried on by tokens that work once, ended by whatever makes them unsafe."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc import jwt

from services.auth.app import open_auth
from shared.contracts.auth import PasswordChanged, SessionRevoked
from shared.contracts.events import Service
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    TOKEN_KEYS,
    add_account,
    as_signed_in,
    auth_settings,
    code_now,
    sign_in,
)
from tests.support.service import Answer, Client, a_pass, running

GATEWAY = a_pass("gateway", subject="gateway", session="", org="")


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        await add_account(client)
        yield client


async def refresh(auth: Client, token: str) -> Answer:
    return await auth.post("/v1/session/refresh", as_=ANYBODY, json={"refresh_token": token})


async def test_an_access_token_is_a_jwt_of_rfc_9068_and_lives_five_minutes(auth: Client) -> None:
    tokens = await sign_in(auth)

    token = jwt.decode(tokens["access_token"], TOKEN_KEYS.jwks, algorithms=["EdDSA"])
    assert token.header["typ"] == "at+jwt"
    claims = {"iss", "aud", "sub", "client_id", "exp", "iat", "jti"}
    assert claims | {"sid", "org", "roles", "acr", "amr", "auth_time"} == token.claims.keys()
    assert token.claims["exp"] - token.claims["iat"] == tokens["expires_in"] == 300
    assert token.claims["amr"] == ["pwd", "mfa", "otp"]


async def test_a_used_refresh_token_ends_the_whole_session(auth: Client) -> None:
    first = await sign_in(auth)
    second = (await refresh(auth, first["refresh_token"])).body
    auth.now.advance(timedelta(seconds=11))

    stolen = await refresh(auth, first["refresh_token"])
    honest = await refresh(auth, second["refresh_token"])

    assert (stolen.status, honest.status) == (401, 401)
    assert [event.reason for event in await auth.heard(SessionRevoked)] == ["token_reused"]


async def test_two_tabs_that_refresh_at_once_get_the_same_next_token_and_raise_no_alarm(
    auth: Client,
) -> None:
    first = await sign_in(auth)

    async with asyncio.TaskGroup() as group:
        tabs = [group.create_task(refresh(auth, first["refresh_token"])) for _ in range(10)]
    auth.now.advance(timedelta(seconds=9))
    lost_answer = await refresh(auth, first["refresh_token"])
    auth.now.advance(timedelta(minutes=5))
    onward = await refresh(auth, tabs[0].result().body["refresh_token"])

    assert {tab.result().status for tab in tabs} == {200}
    assert len({tab.result().body["refresh_token"] for tab in tabs}) == 1
    assert lost_answer.body["refresh_token"] == tabs[0].result().body["refresh_token"]
    assert onward.status == 200


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace(".0.", ".1."),
        lambda _: "prt_nonsense",
        lambda _: "x" * 4000,
        lambda _: "prt_ü.0.ü",
    ],
    ids=["mac", "generation", "nonsense", "long", "non-ascii"],
)
async def test_a_refresh_token_that_we_did_not_make_opens_and_ends_nothing(
    auth: Client, forge: object
) -> None:
    tokens = await sign_in(auth)

    refused = await refresh(auth, forge(tokens["refresh_token"]))  # type: ignore[operator]  # a lambda
    honest = await refresh(auth, tokens["refresh_token"])

    assert (refused.status, refused.body["code"]) == (401, "session_ended")
    assert honest.status == 200


async def test_a_session_ends_when_it_is_not_used_for_an_hour(auth: Client) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(timedelta(minutes=61))

    assert (await refresh(auth, tokens["refresh_token"])).status == 401


async def test_a_session_ends_after_twelve_hours_however_busy_it_is(auth: Client) -> None:
    token = (await sign_in(auth))["refresh_token"]
    statuses = []
    for _ in range(15):
        auth.now.advance(timedelta(minutes=50))
        answer = await refresh(auth, token)
        statuses.append(answer.status)
        token = (answer.body or {}).get("refresh_token", token)

    assert statuses == [200] * 14 + [401]


async def test_signing_out_ends_the_session_for_everybody_who_asks(auth: Client) -> None:
    tokens = await sign_in(auth)
    mine = as_signed_in(tokens)
    question = f"/internal/sessions/{mine.session}"

    before = await auth.get(question, as_=GATEWAY)
    body = {"refresh_token": tokens["refresh_token"]}
    gone = await auth.post("/v1/session/logout", as_=ANYBODY, json=body)
    after = await auth.get(question, as_=GATEWAY)
    twice = await auth.post("/v1/session/logout", as_=ANYBODY, json=body)

    assert (before.status, before.body["roles"]) == (200, ["admin"])
    assert (gone.status, after.status, twice.status) == (204, 404, 204)
    assert [event.session_id for event in await auth.heard(SessionRevoked)] == [mine.session]


async def test_own_sessions_are_listed_and_ended_one_by_one_and_nobody_elses_are(
    auth: Client,
) -> None:
    await add_account(auth, username="bert", email="bert@example.org")
    here = as_signed_in(await sign_in(auth))
    auth.now.advance(timedelta(seconds=31))
    there = as_signed_in(await sign_in(auth))
    berts = a_pass(ADMIN.org, subject="somebody-else", session="another")

    listed = await auth.get("/v1/me/sessions", as_=here)
    foreign = await auth.delete(f"/v1/me/sessions/{there.session}", as_=berts)
    ended = await auth.delete(f"/v1/me/sessions/{there.session}", as_=here)
    left = await auth.get("/v1/me/sessions", as_=here)

    assert {one["id"]: one["is_current"] for one in listed.body["items"]} == {
        here.session: True,
        there.session: False,
    }
    assert (foreign.status, ended.status) == (404, 204)
    assert [one["id"] for one in left.body["items"]] == [here.session]


async def test_a_session_is_listed_with_its_device_and_its_last_use(auth: Client) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(timedelta(minutes=20))
    tokens = (await refresh(auth, tokens["refresh_token"])).body

    listed = await auth.get("/v1/me/sessions", as_=as_signed_in(tokens))

    (one,) = listed.body["items"]
    assert "aiohttp" in one["device"]
    assert one["started_at"] == "2026-03-10T12:00:00Z"
    assert one["last_used_at"] == "2026-03-10T12:20:00Z"


@pytest.mark.parametrize(
    ("keep", "left"), [(None, 0), ("current", 1)], ids=["all", "all but the present one"]
)
async def test_all_own_sessions_are_ended_at_once_and_nobody_elses_are(
    auth: Client, keep: str | None, left: int
) -> None:
    await add_account(auth, username="bert", email="bert@example.org")
    berts = as_signed_in(await sign_in(auth, replace(ADMIN, username="bert")))
    mine = []
    for _ in range(3):
        auth.now.advance(timedelta(seconds=31))
        mine.append(as_signed_in(await sign_in(auth)))

    params = {"keep": keep} if keep else {}
    ended = await auth.delete("/v1/me/sessions", as_=mine[-1], params=params)

    statuses = [
        (await auth.get(f"/internal/sessions/{one.session}", as_=GATEWAY)).status
        for one in (*mine, berts)
    ]
    assert ended.status == 204
    assert statuses == [404, 404, 200 if keep else 404, 200]
    assert ("portal_refresh=" in ended.headers.get("Set-Cookie", "")) is not bool(keep)
    told = {event.session_id for event in await auth.heard(SessionRevoked)}
    assert told == {one.session for one in mine[: 3 - left]}


async def test_what_to_keep_is_not_guessed(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))

    refused = await auth.delete("/v1/me/sessions", as_=here, params={"keep": here.session})

    assert (refused.status, refused.body["code"]) == (422, "invalid")
    assert (await auth.get(f"/internal/sessions/{here.session}", as_=GATEWAY)).status == 200


async def test_refreshing_at_the_same_instant_saves_no_session_from_being_ended(
    auth: Client,
) -> None:
    for _ in range(5):
        auth.now.advance(timedelta(seconds=31))
        tokens = [await sign_in(auth)]
        auth.now.advance(timedelta(seconds=31))
        tokens.append(await sign_in(auth))
        here = as_signed_in(tokens[0])

        async with asyncio.TaskGroup() as group:
            racing = [group.create_task(refresh(auth, one["refresh_token"])) for one in tokens * 5]
            ending = group.create_task(auth.delete("/v1/me/sessions", as_=here))
        onward = [task.result().body.get("refresh_token") for task in racing]
        after = [await refresh(auth, token) for token in onward if token]

        assert ending.result().status == 204
        assert {task.result().status for task in racing} <= {200, 401}
        assert {answer.status for answer in after} <= {401}
        for one in tokens:
            question = f"/internal/sessions/{as_signed_in(one).session}"
            assert (await auth.get(question, as_=GATEWAY)).status == 404


async def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(auth: Client) -> None:
    here = as_signed_in(await sign_in(auth))
    auth.now.advance(timedelta(seconds=31))
    there = as_signed_in(await sign_in(auth))
    new = {"old_password": PASSWORD, "new_password": "something else that is long"}

    wrong = await auth.post(
        "/v1/me/password", as_=here, json={**new, "old_password": "not the old one"}
    )
    changed = await auth.post("/v1/me/password", as_=here, json=new)

    assert (wrong.status, wrong.body["code"]) == (403, "old_password_wrong")
    assert changed.status == 204
    assert [told.email for told in await auth.heard(PasswordChanged)] == [ADMIN.email]
    assert (await auth.get(f"/internal/sessions/{here.session}", as_=GATEWAY)).status == 200
    assert (await auth.get(f"/internal/sessions/{there.session}", as_=GATEWAY)).status == 404


@pytest.mark.parametrize("after", [timedelta(milliseconds=3), timedelta(seconds=2)])
async def test_a_challenge_given_before_a_password_change_opens_nothing(
    auth: Client, after: timedelta
) -> None:
    here = as_signed_in(await sign_in(auth))
    auth.now.advance(timedelta(seconds=31))
    login = {"username": "anna", "password": PASSWORD, "tenant": ADMIN.org}
    challenge = (await auth.post("/v1/login", as_=ANYBODY, json=login)).body["challenge"]
    auth.now.advance(after)
    new = {"old_password": PASSWORD, "new_password": "something else that is long"}
    assert (await auth.post("/v1/me/password", as_=here, json=new)).status == 204

    step = {"challenge": challenge, "code": code_now(auth)}
    refused = await auth.post("/v1/login/totp", as_=ANYBODY, json=step)

    assert (refused.status, refused.body["code"]) == (401, "code_refused")


async def test_an_access_token_is_no_challenge_and_a_challenge_is_no_access_token(
    auth: Client,
) -> None:
    tokens = await sign_in(auth)
    auth.now.advance(timedelta(seconds=31))

    step = {"challenge": tokens["access_token"], "code": code_now(auth)}
    refused = await auth.post("/v1/login/totp", as_=ANYBODY, json=step)

    assert (refused.status, refused.body["code"]) == (401, "code_refused")
