"""The first account of a fresh installation."""

import asyncio
from dataclasses import replace

import pytest

from portal.demo.world import accounts
from services.auth.actions.first_account import VendorAdminExistsError, create_vendor_admin
from services.auth.actions.invite import NewUser
from services.auth.app import build
from services.auth.domain.links import LinkError
from shared.contracts.auth import AccountInvited
from tests.support.auth import ANYBODY
from tests.support.service import Client
from tests.support.users import accept

VERA = NewUser("vera", "vera@vendor.example", "Vera", "de", ("vendor-admin",))


async def make(auth: Client, user: NewUser = VERA, *, by_mail: bool = False) -> str:
    async with auth.acting(build) as deps:
        try:
            return await create_vendor_admin(deps, user, by_mail=by_mail)
        finally:
            deps.hasher.close()


async def test_a_fresh_installation_lets_nobody_in(auth: Client) -> None:
    """There is no default credential anywhere."""
    tries = [
        ("admin", "admin"),
        ("vendor-admin", "vendor-admin"),
        ("root", "changeme"),
        *((one.username, one.password) for one in accounts()),
    ]
    answers = [
        await auth.post(
            "/v1/login",
            as_=ANYBODY,
            json={"username": username, "password": password, "tenant": tenant},
        )
        for username, password in tries
        for tenant in ("vendor", "100001.rsp", "123456.sms")
    ]

    assert {answer.status for answer in answers} == {401}
    assert await auth.mongo.collection("accounts").count({}) == 0


async def test_the_printed_link_makes_the_first_admin_and_no_mail_is_sent(auth: Client) -> None:
    token = await make(auth)

    await accept(auth, token)

    rows = await auth.mongo.collection("accounts").find({"org": "vendor"})
    assert [(row["status"], row["roles"]) for row in rows] == [("active", ["vendor-admin"])]
    assert await auth.heard(AccountInvited) == []


async def test_the_invitation_goes_by_mail_where_no_link_is_printed(auth: Client) -> None:
    await make(auth, by_mail=True)

    sent = await auth.heard(AccountInvited)
    assert [(one.org, one.email) for one in sent] == [("vendor", "vera@vendor.example")]


async def test_a_second_one_is_refused(auth: Client) -> None:
    await accept(auth, await make(auth))

    for user in (VERA, replace(VERA, username="eve", email="eve@vendor.example")):
        with pytest.raises(VendorAdminExistsError):
            await make(auth, user)

    assert await auth.mongo.collection("accounts").count({"org": "vendor"}) == 1


async def test_who_lost_the_first_link_gets_another_and_nobody_else_does(auth: Client) -> None:
    lost = await make(auth)

    with pytest.raises(VendorAdminExistsError):
        await make(auth, replace(VERA, email="eve@vendor.example"))
    found = await make(auth)

    with pytest.raises(LinkError):
        await accept(auth, lost)
    await accept(auth, found)


async def test_of_several_at_once_one_is_made(auth: Client) -> None:
    users = [replace(VERA, username=f"v{n}", email=f"v{n}@vendor.example") for n in range(4)]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_tried(auth, user)) for user in users]

    assert sorted(task.result() for task in tasks) == [False, False, False, True]
    assert await auth.mongo.collection("accounts").count({"org": "vendor"}) == 1


async def _tried(auth: Client, user: NewUser) -> bool:
    try:
        await make(auth, user)
    except VendorAdminExistsError:
        return False
    return True
