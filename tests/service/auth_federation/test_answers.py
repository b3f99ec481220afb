"""Try to get in, or to get somebody else in, with an answer to another request."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.auth.actions.refusals import tell_refusals
from services.auth.app import build
from services.auth.handlers.reseller_portal import FLOW_COOKIE
from shared.contracts.auth import SignInRefused
from shared.contracts.tenancy import ResellerSuspended
from tests.support.auth import ANYBODY
from tests.support.federation import (
    REFUSED,
    RITA,
    START,
    World,
    begin,
    is_refused,
)

FREE = 50
"""Failures that cost a source nothing, by default."""


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


async def told(world: World, after: timedelta) -> list[SignInRefused]:
    world.auth.now.advance(after)
    async with world.auth.acting(build) as deps:
        await tell_refusals(deps)
        deps.hasher.close()
    return await world.auth.heard(SignInRefused)


async def test_whoever_the_issuer_knows_and_may_not_sign_in_is_told_as_refused(
    world: World,
) -> None:
    await world.set(status="disabled")
    begun = await begin(world.auth, world.issuer)
    assert await is_refused(world, await begun.come_back())

    (refused,) = await told(world, timedelta(minutes=1))

    assert (refused.account_id, refused.org) == (world.rita, RITA.org)
    assert (refused.method, refused.count) == ("rsp", 1)


async def test_answers_about_nobody_are_counted_together_at_the_vendor(world: World) -> None:
    for _ in range(3):
        begun = await begin(world.auth, world.issuer)
        assert await is_refused(world, await begun.come_back(state="another"))

    (refused,) = await told(world, timedelta(hours=1))

    assert (refused.account_id, refused.org) == (None, "vendor")
    assert (refused.method, refused.count) == ("rsp", 3)


async def test_who_comes_with_wrong_answers_again_and_again_is_held_back(world: World) -> None:
    # given a source that has used up what is free
    begun = await begin(world.auth, world.issuer)
    for _ in range(FREE + 1):
        assert (await begun.come_back(state="another")).status == 401

    # when it comes with a right one
    held_back = await (await begin(world.auth, world.issuer)).come_back()

    # then nobody asks the Reseller Portal; others get in, and so does it a while later
    assert (held_back.status, "/token" in world.issuer.asked) == (401, False)
    other = await (await begin(world.auth, world.issuer)).come_back(source="192.0.2.7")
    assert other.status == 302
    world.auth.now.advance(timedelta(minutes=1))
    assert (await (await begin(world.auth, world.issuer)).come_back()).status == 302


async def test_a_browser_that_is_refused_is_led_to_the_portals_page(world: World) -> None:
    begun = await begin(world.auth, world.issuer)

    answer = await begun.come_back(state="another", accept="text/html,*/*;q=0.8")

    assert (answer.status, answer.headers["Location"]) == (302, f"/#{REFUSED}")
    assert "Set-Cookie" not in answer.headers
