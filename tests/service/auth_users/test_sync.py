"""The Reseller Portal's people: RSP-labelled accounts that it alone keeps."""

import asyncio
from typing import Any

import pytest

from services.auth.app import build
from services.auth.domain.accounts import Account, Status
from shared.contracts.auth import (
    AccountDeleted,
    AccountDisabled,
    AccountRecorded,
    AuthMessageRejected,
    AuthMessageTaken,
)
from shared.contracts.tenancy import ResellerCreated
from tests.support.service import Client
from tests.support.sync import outcomes, reasons, send


def a_person(**more: Any) -> dict[str, Any]:
    return {
        "reseller_id": "100001.rsp",
        "user_id": "sub-1",
        "username": "rita",
        "email": "rita@nordlicht.example",
        "display_name": "Rita",
        "initial_roles": ["reseller-admin"],
        **more,
    }


async def account(auth: Client, username: str = "rita", org: str = "100001.rsp") -> Account | None:
    async with auth.acting(build) as deps:
        return await deps.accounts.find(org, username)


async def upsert(auth: Client, sequence: int = 1, times: int = 1, **more: Any) -> None:
    await send(auth, "user.upserted", a_person(**more), sequence=sequence, times=times)


async def test_a_person_gets_one_account_labelled_rsp(auth: Client) -> None:
    await upsert(auth, times=3)

    [recorded] = await auth.heard(AccountRecorded)
    assert (recorded.label, recorded.status, recorded.roles) == (
        "RSP",
        "active",
        ["reseller-admin"],
    )
    found = await account(auth)
    assert found is not None
    assert found.password_hash is None


async def test_the_reseller_portal_owns_who_it_is_and_we_own_what_it_may(auth: Client) -> None:
    await upsert(auth)
    await upsert(
        auth, 2, username="rita.r", email="r@nordlicht.example", initial_roles=["reseller-sales"]
    )
    await upsert(auth, 1, username="late")

    found = await account(auth, "rita.r")
    assert found is not None
    assert (found.email, found.roles) == ("r@nordlicht.example", ("reseller-admin",))
    assert await account(auth, "rita") is None
    assert await outcomes(auth, AuthMessageTaken) == ["applied", "applied", "ignored"]


async def test_who_is_disabled_there_is_so_here(auth: Client) -> None:
    await upsert(auth)
    await upsert(auth, 2, is_active=False)

    found = await account(auth)
    assert found is not None
    assert found.status is Status.DISABLED
    assert [one.account_id for one in await auth.heard(AccountDisabled)] == [found.id]


async def test_who_is_removed_there_is_gone_here_also_for_late_messages(auth: Client) -> None:
    await upsert(auth)
    await send(auth, "user.removed", {"reseller_id": "100001.rsp", "user_id": "sub-1"}, sequence=3)
    await upsert(auth, 2)

    assert await account(auth) is None
    assert len(await auth.heard(AccountDeleted)) == 1
    assert await outcomes(auth, AuthMessageTaken) == ["applied", "applied", "ignored"]


@pytest.mark.parametrize("verb", ["upserted", "removed"])
async def test_no_company_touches_a_person_of_another(auth: Client, verb: str) -> None:
    await auth.deliver(ResellerCreated(reseller_id="100002.rsp", name="Süd", locale="de"))
    await upsert(auth)

    await send(auth, f"user.{verb}", a_person(reseller_id="100002.rsp"), sequence=9)

    assert await reasons(auth, AuthMessageRejected) == ["not_yours"]
    assert await account(auth) is not None
    assert await account(auth, org="100002.rsp") is None


async def test_nobody_takes_over_an_account_by_its_name(auth: Client) -> None:
    await upsert(auth)
    await upsert(auth, user_id="sub-2", username=" RITA ")

    assert await reasons(auth, AuthMessageRejected) == ["username_taken"]


@pytest.mark.parametrize(
    "flaw",
    [
        {"initial_roles": ["vendor-admin"]},
        {"initial_roles": ["admin"]},
        {"reseller_id": "vendor"},
        {"reseller_id": "123456.sms"},
        {"email": "nobody"},
        {"user_id": ""},
        {"user_id": "x" * 256},
        {"username": "a\r\nb"},
    ],
    ids=str,
)
async def test_a_half_broken_or_greedy_message_changes_nothing(
    auth: Client, flaw: dict[str, Any]
) -> None:
    await upsert(auth, **flaw)

    assert await reasons(auth, AuthMessageRejected) == ["does_not_fit_its_contract"]
    assert await auth.heard(AccountRecorded) == []


async def test_a_person_of_a_company_that_is_on_its_way_waits_for_it(auth: Client) -> None:
    await upsert(auth, reseller_id="1000009.rsp")

    assert await auth.failed() == ["NotYetKnownError: unknown_company"]


async def test_messages_about_one_person_at_the_same_instant_are_none_anothers(
    auth: Client,
) -> None:
    """Also where one of them has just made the account that the other one would make."""
    for number in range(20):
        said: dict[str, Any] = {"user_id": f"sub-{number}", "username": f"user{number}"}
        async with asyncio.TaskGroup() as group:
            for sequence in (1, 2, 3):
                group.create_task(upsert(auth, sequence, **said))

    assert await auth.heard(AuthMessageRejected) == []
    assert len(await auth.heard(AccountRecorded)) == 20
