"""Try to get in, or to get somebody else in, with an answer to another request."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.auth.handlers.reseller_portal import FLOW_COOKIE
from shared.contracts.tenancy import ResellerSuspended
from tests.support.auth import ANYBODY
from tests.support.federation import (
    RITA,
    START,
    World,
    begin,
    is_refused,
)


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"state": None}, id="no-state"),
        pytest.param({"state": "another"}, id="another-state"),
        pytest.param({"code": None}, id="no-code"),
        pytest.param({"error": "access_denied"}, id="error-beside-a-code"),
        pytest.param({"code": None, "error": "server_error"}, id="error"),
        pytest.param({"iss": None}, id="no-iss"),
        pytest.param({"iss": "https://another.example"}, id="another-iss"),
        pytest.param({"cookie": ""}, id="nothing-begun"),
        pytest.param({"cookie": "e30.e30.e30.e30.e30"}, id="cookie-of-another-make"),
    ],
)
async def test_an_answer_to_another_request_is_refused(
    world: World, otherwise: dict[str, Any]
) -> None:
    begun = await begin(world.auth, world.issuer)

    assert await is_refused(world, await begun.come_back(**otherwise))
    assert "/token" not in world.issuer.asked


async def test_a_parameter_that_comes_twice_is_refused(world: World) -> None:
    begun = await begin(world.auth, world.issuer)
    query = f"code=the-code&state={begun.asked['state']}&state=x&iss={world.issuer.url}"

    answer = await world.auth.get(
        f"{START}/callback?{query}",
        as_=ANYBODY,
        headers={"Cookie": f"{FLOW_COOKIE}={begun.cookie}"},
    )

    assert await is_refused(world, answer)


async def test_the_state_of_one_browser_is_of_no_use_in_another(world: World) -> None:
    # given two browsers on their way
    one, two = await begin(world.auth, world.issuer), await begin(world.auth, world.issuer)

    # when the second brings the answer to the first
    answer = await two.come_back(state=one.asked["state"])

    assert await is_refused(world, answer)


async def test_of_many_equal_answers_at_once_one_is_taken(world: World) -> None:
    # given an issuer that takes a code as often as it comes
    begun = await begin(world.auth, world.issuer)

    # when the same answer comes twenty times at the same instant
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(begun.come_back()) for _ in range(20)]

    # then one session begins
    assert sorted(task.result().status for task in tasks) == [302] + [401] * 19
    assert await world.sessions() == 1


async def test_an_answer_that_comes_too_late_is_refused(world: World) -> None:
    begun = await begin(world.auth, world.issuer)

    world.auth.now.advance(timedelta(minutes=10, seconds=1))

    assert await is_refused(world, await begun.come_back())


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"status": "disabled"}, id="disabled"),
        pytest.param({"status": "invited"}, id="invited"),
        pytest.param({"roles": []}, id="no-role"),
        pytest.param({"issuer_subject": None}, id="unlinked"),
    ],
)
async def test_an_account_that_may_not_sign_in_is_refused_like_one_that_is_unknown(
    world: World, state: dict[str, Any]
) -> None:
    await world.set(**state)

    begun = await begin(world.auth, world.issuer)

    assert await is_refused(world, await begun.come_back())


async def test_whose_organisation_is_suspended_is_refused_like_one_that_is_unknown(
    world: World,
) -> None:
    suspended = ResellerSuspended(
        reseller_id=RITA.org, name="Nordlicht", locale="en", status="suspended", reason="Bills"
    )
    await world.auth.deliver(suspended)

    begun = await begin(world.auth, world.issuer)

    assert await is_refused(world, await begun.come_back())
