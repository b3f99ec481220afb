"""Forgotten passwords: few mails, no telling, and links that die early."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.auth.app import open_auth
from shared.contracts.auth import (
    ForgottenPasswordReported,
    PasswordChanged,
    PasswordResetReferred,
    PasswordResetRequested,
    SessionRevoked,
)
from shared.contracts.events import Service
from shared.keys import unlock
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    MAILER_KEYS,
    PASSWORD,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.guessing import Guesser, a_source
from tests.support.service import Answer, Client, running

NEW = "nobody has thought of this yet"
REPORTS = 6


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(mongo_url, forgotten_reports=REPORTS, throttle_account_failures=2)
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client)
        yield client


async def report(auth: Client, username: str = ADMIN.username, source: str | None = None) -> Answer:
    body = {"username": username, "tenant": ADMIN.org}
    headers = {"X-Forwarded-For": source or a_source()}
    return await auth.post("/v1/password/forgot", as_=ANYBODY, json=body, headers=headers)


async def take_in(auth: Client, *, times: int = 1) -> None:
    """Let auth take in that the password was reported forgotten."""
    for number in range(times):
        reported = ForgottenPasswordReported(
            report_id=f"report-{number}", username=ADMIN.username, org=ADMIN.org
        )
        await auth.deliver(reported)


async def a_link(auth: Client) -> str:
    before = len(await auth.heard(PasswordResetRequested))
    await take_in(auth)
    event = (await auth.heard(PasswordResetRequested))[before]
    return unlock(MAILER_KEYS, f"link:{event.account_id}", event.sealed_token)


async def reset(auth: Client, token: str, password: str = NEW) -> Answer:
    body = {"token": token, "new_password": password}
    return await auth.post("/v1/password/reset", as_=ANYBODY, json=body)


async def test_the_answer_is_the_same_for_anybody(auth: Client) -> None:
    known, unknown = await report(auth), await report(auth, "nobody")

    assert (known.status, known.body) == (unknown.status, unknown.body) == (202, {})


async def test_a_source_that_reports_too_many_hears_the_same_and_is_not_followed(
    auth: Client,
) -> None:
    source = a_source()
    answers = [await report(auth, f"user-{number}", source) for number in range(REPORTS + 5)]

    assert {answer.status for answer in answers} == {202}
    assert len(await auth.heard(ForgottenPasswordReported)) == REPORTS + 1


async def test_three_mails_an_hour_at_most_whatever_is_asked(auth: Client) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(12):
            reported = ForgottenPasswordReported(
                report_id=f"r-{number}", username=ADMIN.username, org=ADMIN.org
            )
            group.create_task(auth.deliver(reported))

    assert len(await auth.heard(PasswordResetRequested)) == 3


async def test_three_an_hour_holds_across_sign_ins_and_resets(auth: Client) -> None:
    for _ in range(3):
        await reset(auth, await a_link(auth), NEW + str(auth.now().minute))
        auth.now.advance(timedelta(minutes=1))

    await take_in(auth)

    assert len(await auth.heard(PasswordResetRequested)) == 3


async def test_an_hour_later_mails_go_out_again(auth: Client) -> None:
    await take_in(auth, times=4)
    auth.now.advance(timedelta(hours=1))

    await take_in(auth)

    assert len(await auth.heard(PasswordResetRequested)) == 4


async def test_an_rsp_account_is_told_where_its_password_lives_and_gets_no_link(
    auth: Client,
) -> None:
    await auth.mongo.collection("accounts").update({}, {"$set": {"label": "RSP"}})

    await take_in(auth, times=5)

    assert len(await auth.heard(PasswordResetReferred)) == 3
    assert await auth.heard(PasswordResetRequested) == []
    assert await auth.mongo.collection("links").count({"is_dead": False}) == 0


async def test_a_newer_link_kills_the_older(auth: Client) -> None:
    older, newer = await a_link(auth), await a_link(auth)

    assert (await reset(auth, older)).status == 400
    assert (await reset(auth, newer)).status == 204


async def test_a_link_is_good_once_also_at_the_same_instant(auth: Client) -> None:
    token = await a_link(auth)

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(reset(auth, token, f"{NEW} {n}")) for n in range(10)]

    assert [one.result().status for one in tries].count(204) == 1
    assert len(await auth.heard(PasswordChanged)) == 1


async def test_a_link_is_good_for_thirty_minutes(auth: Client) -> None:
    token = await a_link(auth)
    auth.now.advance(timedelta(minutes=30))

    assert (await reset(auth, token)).status == 400


async def test_a_refused_password_leaves_the_link_good(auth: Client) -> None:
    token = await a_link(auth)

    refused, then = await reset(auth, token, "sunshine1"), await reset(auth, token)

    assert (refused.status, then.status) == (422, 204)


async def test_a_sign_in_kills_every_link(auth: Client) -> None:
    token = await a_link(auth)
    await sign_in(auth)

    assert (await reset(auth, token)).status == 400


async def test_half_a_sign_in_kills_no_link(auth: Client) -> None:
    token = await a_link(auth)
    assert await Guesser(auth).gets_in()

    assert (await reset(auth, token)).status == 204


async def test_a_change_of_password_kills_every_link(auth: Client) -> None:
    caller = as_signed_in(await sign_in(auth))
    token = await a_link(auth)
    body = {"old_password": PASSWORD, "new_password": NEW}

    changed = await auth.post("/v1/me/password", as_=caller, json=body)

    assert changed.status == 204
    assert (await reset(auth, token, NEW + "!")).status == 400


async def test_a_reset_signs_nobody_in_and_keeps_the_second_factor(auth: Client) -> None:
    tokens = await sign_in(auth)
    done = await reset(auth, await a_link(auth))

    login = await Guesser(auth).password(NEW)

    assert (done.status, done.body) == (204, None)
    assert "Set-Cookie" not in done.headers
    assert login.body["next"] == "totp"
    session = as_signed_in(tokens).session
    assert [event.session_id for event in await auth.heard(SessionRevoked)] == [session]


async def test_a_reset_ends_the_wait_that_strangers_made(auth: Client) -> None:
    await Guesser(auth).passwords(3)
    assert not await Guesser(auth).gets_in()

    await reset(auth, await a_link(auth))

    assert await Guesser(auth).gets_in(replace(ADMIN, password=NEW))
