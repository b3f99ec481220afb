"""A sign-in that is overtaken by what ends the account's sessions ends in none."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeAlias

import pyotp
import pytest

from services.auth.actions.activation import Activating
from services.auth.actions.give_code import show_factor
from services.auth.actions.guessing import Visitor, guessing_at
from services.auth.actions.second_factor import confirm_totp, offer_totp
from services.auth.actions.start_session import start_session
from services.auth.app import build
from services.auth.deps import Deps
from services.auth.domain.accounts import Account
from services.auth.domain.sessions import SessionEndedError
from services.auth.domain.signing_in import CodeRefusedError
from services.auth.domain.throttle import Guess
from shared.contracts.auth import NewDeviceUsed
from shared.errors import ConflictError
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


async def test_a_recovery_code_is_good_only_beside_the_password_that_was_given(
    auth: Client,
) -> None:
    owners = await active(auth, roles=["admin"])
    async with auth.acting(build) as deps:
        activated = await confirm_totp(deps, *await offered(auth, deps, owners))
        account = await read(deps, owners)
        auth.now.advance(timedelta(seconds=1))

        done = await change_password(auth, owners)
        where = guessing_at(deps, Guess.CODE, account.org, account.username, account, THIEF)
        with pytest.raises(CodeRefusedError):
            await show_factor(deps, account, activated.recovery_codes[0], where)
        left = (await read(deps, owners)).recovery_hashes
        deps.hasher.close()

    assert (done.status, len(left)) == (204, 10)


async def test_a_thiefs_second_factor_is_not_activated_after_the_owners_new_password(
    auth: Client,
) -> None:
    owners = await active(auth, roles=["admin"])
    async with auth.acting(build) as deps:
        thiefs, code = await offered(auth, deps, owners)
        auth.now.advance(timedelta(seconds=1))

        done = await change_password(auth, owners)
        with pytest.raises(ConflictError):
            await confirm_totp(deps, thiefs, code)
        account = await read(deps, owners)
        deps.hasher.close()

    assert done.status == 204
    assert not account.has_second_factor


async def read(deps: Deps, account_id: str) -> Account:
    account = await deps.accounts.get(account_id)
    assert account is not None
    return account


async def offered(auth: Client, deps: Deps, account_id: str) -> tuple[Activating, str]:
    """Somebody at the sign-in to whom a secret was offered, and the first code of it."""

    async def enrolling() -> Activating:
        account = await read(deps, account_id)
        return Activating(account, None, "enrolment", None, THIEF, wants_body=True)

    offer = await offer_totp(deps, await enrolling())
    return await enrolling(), pyotp.TOTP(offer.secret).at(auth.now())
