"""Whoever has no second factor is reminded by mail before the day from which it takes one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.auth.actions.reminders import remind_of_deadlines
from services.auth.app import build, open_auth
from shared.contracts.auth import TotpDeadlineAnnounced
from shared.contracts.events import Service
from shared.contracts.tenancy import TenantSettingsChanged
from tests.support.auth import ADMIN, add_account, auth_settings, sign_in
from tests.support.service import NOON, Client, running

DAY = timedelta(days=1)
FROM = NOON + 10 * DAY


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """Auth with `anna` without a factor; it becomes compulsory in ten days."""
    settings = auth_settings(mongo_url, totp_required_from=FROM)
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client, totp_secret=None)
        yield client


async def reminded_after(auth: Client, *waits: timedelta) -> list[TotpDeadlineAnnounced]:
    for wait in waits:
        auth.now.advance(wait)
        async with auth.acting(build) as deps, asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(remind_of_deadlines(deps))
    return await auth.heard(TotpDeadlineAnnounced)


async def change(auth: Client, **fields: object) -> None:
    rows = auth.mongo.collection("accounts")
    await rows.update({"username": "anna"}, {"$set": fields})


async def test_a_week_and_a_day_before_it_is_said_once_each(auth: Client) -> None:
    await sign_in(auth)
    hour = timedelta(hours=1)

    too_early = await reminded_after(auth, 3 * DAY - hour)
    announced = await reminded_after(auth, hour, hour, 6 * DAY, 5 * DAY)

    assert too_early == []
    assert [(one.username, one.org, one.deadline) for one in announced] == [
        ("anna", ADMIN.org, FROM)
    ] * 2


async def test_reminders_that_were_missed_are_one(auth: Client) -> None:
    await sign_in(auth)

    assert len(await reminded_after(auth, 9 * DAY + timedelta(hours=1))) == 1


async def test_who_has_a_factor_by_then_hears_nothing(auth: Client) -> None:
    await sign_in(auth)
    await add_account(auth, username="bert")
    bert = await auth.mongo.collection("accounts").find_one({"username": "bert"})
    assert bert is not None
    await change(auth, totp=bert["totp"])

    assert await reminded_after(auth, 4 * DAY, 6 * DAY) == []


@pytest.mark.parametrize("fields", [{"status": "disabled"}, {"roles": []}], ids=str)
async def test_who_may_not_sign_in_hears_nothing(auth: Client, fields: dict[str, object]) -> None:
    await sign_in(auth)
    await change(auth, **fields)

    assert await reminded_after(auth, 4 * DAY, 6 * DAY) == []


async def test_an_earlier_date_of_the_tenant_is_the_one_that_is_said(auth: Client) -> None:
    await sign_in(auth)
    earlier = NOON + 5 * DAY
    settings = TenantSettingsChanged(tenant_id=ADMIN.org, totp_required_from=earlier)
    await auth.deliver(settings)

    announced = await reminded_after(auth, 3 * DAY, DAY, DAY)

    assert [one.deadline for one in announced] == [earlier] * 2
