"""A passkey is a second factor like any other: for dates, reports, resets and recovery codes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.auth.app import open_auth
from shared.access import Permission
from shared.contracts.auth import PasskeyRemoved, SessionRevoked, TotpRemoved
from shared.contracts.events import Service
from shared.passes import Pass
from tests.support.auth import ADMIN, add_account, as_signed_in, auth_settings
from tests.support.passkeys import ORIGIN, Anna, Authenticator, with_passkey
from tests.support.service import NOON, Client, a_pass, running
from tests.support.users import MANAGER

DAY = timedelta(days=1)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(mongo_url, public_url=ORIGIN, totp_required_from=NOON + 10 * DAY)
    async with running(Service.AUTH, open_auth, settings) as client:
        yield client


@pytest.fixture
async def anna(auth: Client) -> Anna:
    return await with_passkey(auth)


def as_fresh(auth: Client, caller: Pass) -> Pass:
    return replace(caller, factor_at=int(auth.now().timestamp()))


async def ask_for_reset(auth: Client, uid: str) -> int:
    answer = await auth.post(
        f"/v1/tenants/{ADMIN.org}/users/{uid}/reset-totp",
        as_=as_fresh(auth, MANAGER),
        json={"reason": "Laptop lost"},
    )
    return answer.status


async def after_the_wait(auth: Client) -> list[str]:
    """The states of all resets, once none waits any more."""
    auth.now.advance(timedelta(minutes=10))
    rows = auth.mongo.collection("factor_resets")
    async with asyncio.timeout(5):
        while await rows.count({"state": "waiting"}):
            await asyncio.sleep(0.02)
    return [row["state"] for row in await rows.find({})]


async def test_whoever_has_a_passkey_is_asked_for_it_and_never_for_an_activation(
    auth: Client, anna: Anna
) -> None:
    auth.now.advance(11 * DAY)

    assert await anna.challenge()
    assert (await anna.alone()).body["notices"] == []


async def test_the_report_does_not_name_whoever_has_a_passkey(auth: Client, anna: Anna) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    reader = a_pass(ADMIN.org, Permission.USER_READ)

    answer = await auth.get(
        f"/v1/tenants/{ADMIN.org}/totp-report", as_=reader, params={"on": "2026-04-01"}
    )

    found: dict[str, Any] = answer.body
    assert [line["username"] for line in found["items"]] == ["bert"]
    assert anna.username not in str(found["items"])
    assert (found["users"], found["without_factor"], found["locked_out"]) == (2, 1, 1)


async def test_the_list_of_users_says_who_has_one(auth: Client, anna: Anna) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    await add_account(auth, username="carla")
    path = f"/v1/tenants/{ADMIN.org}/users"
    reader = a_pass(ADMIN.org, Permission.USER_READ)

    found = {
        wanted: (await auth.get(path, as_=reader, params={"totp_active": wanted})).body["items"]
        for wanted in ("true", "false")
    }

    assert [one["username"] for one in found["true"]] == [anna.username, "carla"]
    assert [one["totp_active"] for one in found["true"]] == [True, True]
    assert [one["username"] for one in found["false"]] == ["bert"]


async def test_recovery_codes_are_made_anew_for_passkeys_too(auth: Client, anna: Anna) -> None:
    caller = as_fresh(auth, anna.owner.caller)

    answer = await auth.post("/v1/me/recovery-codes", as_=caller)

    assert answer.status == 200
    assert set(answer.body["recovery_codes"]).isdisjoint(anna.codes)


async def test_codes_are_not_made_for_passkeys_that_are_gone_meanwhile(
    auth: Client, anna: Anna
) -> None:
    caller = as_fresh(auth, anna.owner.caller)
    await anna.set(passkeys=[])

    answer = await auth.post("/v1/me/recovery-codes", as_=caller)

    assert (answer.status, answer.body["code"]) == (409, "totp_not_active")


async def test_a_reset_takes_passkeys_app_and_codes_and_ends_what_they_opened(
    auth: Client, anna: Anna
) -> None:
    totp = {"locked_secret": "", "last_step": 1, "activated_at": NOON}
    await anna.set(totp=totp)
    assert await ask_for_reset(auth, anna.id) == 202
    auth.now.advance(timedelta(hours=23, minutes=50))
    session = as_signed_in((await anna.alone()).body).session

    states = await after_the_wait(auth)

    row = await anna.row()
    assert states == ["done"]
    assert (row["passkeys"], row["totp"], row["recovery_hashes"]) == ([], None, [])
    (gone,) = await auth.heard(PasskeyRemoved)
    (told,) = await auth.heard(TotpRemoved)
    assert (gone.reason, told.reason) == ("Laptop lost", "Laptop lost")
    assert session in {one.session_id for one in await auth.heard(SessionRevoked)}
    assert (await anna.alone()).status == 401


async def test_a_reset_is_void_where_another_passkey_came_since(auth: Client, anna: Anna) -> None:
    await ask_for_reset(auth, anna.id)
    auth.now.advance(timedelta(minutes=1))
    owner = replace(anna.owner, caller=as_fresh(auth, anna.owner.caller))
    assert (await owner.register(Authenticator())).status == 201

    auth.now.advance(timedelta(hours=23, minutes=50))
    states = await after_the_wait(auth)

    assert states == ["void"]
    assert len((await anna.row())["passkeys"]) == 2
