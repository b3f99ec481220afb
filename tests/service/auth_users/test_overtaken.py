"""A sign-in that is overtaken by what ends the account's sessions ends in none."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeAlias

import pytest

from services.auth.actions.guessing import Visitor
from services.auth.actions.start_session import start_session
from services.auth.app import build
from services.auth.domain.sessions import SessionEndedError
from shared.contracts.auth import NewDeviceUsed
from tests.support.service import Answer, Client, a_pass
from tests.support.users import MANAGER, NEW_PASSWORD, PATH, active

Overtake: TypeAlias = Callable[[Client, str], Awaitable[Answer]]
THIEF: Final = Visitor("Firefox on Linux", "192.0.2.9", None)


async def change_password(auth: Client, account_id: str) -> Answer:
    owner = a_pass("123456.sms", subject=account_id)
    body = {"old_password": NEW_PASSWORD, "new_password": "one that the thief has not seen"}
    return await auth.post("/v1/me/password", as_=owner, json=body)


async def disable(auth: Client, account_id: str) -> Answer:
    return await auth.post(f"{PATH}/{account_id}/disable", as_=MANAGER)


async def delete(auth: Client, account_id: str) -> Answer:
    await disable(auth, account_id)
    return await auth.delete(f"{PATH}/{account_id}", as_=MANAGER)


@pytest.mark.parametrize("overtake", [change_password, disable, delete])
async def test_whoever_got_past_the_password_just_before_stays_outside(
    auth: Client, overtake: Overtake
) -> None:
    thiefs = await active(auth, roles=["admin"])
    await active(auth, "another", roles=["admin"])
    async with auth.acting(build) as deps:
        account = await deps.accounts.get(thiefs)
        assert account is not None
        auth.now.advance(timedelta(seconds=1))

        done = await overtake(auth, thiefs)
        with pytest.raises(SessionEndedError):
            await start_session(deps, account, THIEF, amr=("pwd",), wants_body=True)
        deps.hasher.close()

    assert done.status in {200, 204}, done.body
    assert await auth.mongo.collection("sessions").find({"revoked_at": None}) == []
    assert await auth.heard(NewDeviceUsed) == []
