"""Showing the second factor again at the Reseller Portal, in a session that is there already."""

from datetime import timedelta
from typing import Any

import pytest

from services.auth.domain.accounts import IssuerSubject
from tests.support.auth import add_account as add
from tests.support.auth import as_signed_in, sign_in
from tests.support.federation import REFUSED, RITA, Begun, World, begin, begun_by, refreshed
from tests.support.service import Answer, a_pass

PATH = "/v1/session/step-up/reseller-portal"
LATER = timedelta(minutes=30)


async def signed_in(world: World) -> tuple[Answer, dict[str, Any]]:
    """Signed in half an hour ago: the answer with the cookie, and what the token says."""
    begun = await begin(world.auth, world.issuer)
    done = await begun.come_back()
    token = await refreshed(world, done)
    world.auth.now.advance(LATER)
    return done, token


async def ask(world: World, token: dict[str, Any]) -> Begun:
    caller = a_pass(RITA.org, subject=token["sub"], session=token["sid"])
    answer = await world.auth.post(PATH, as_=caller, json={})
    assert answer.status == 200, answer.body
    return begun_by(world.auth, world.issuer, answer, answer.body["url"])


async def session_of(world: World, token: dict[str, Any]) -> dict[str, Any]:
    row = await world.auth.mongo.collection("sessions").find_one({"_id": token["sid"]})
    assert row is not None
    return row


async def test_the_session_is_as_fresh_as_the_factor_shown_there(world: World) -> None:
    _, token = await signed_in(world)

    asking = await ask(world, token)
    back = await asking.come_back()

    assert asking.asked["max_age"] == "0"
    assert (back.status, back.headers["Location"]) == (302, "/")
    assert (await session_of(world, token))["factor_at"] == world.auth.now()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"auth_time": "before"}, id="signed-in-before-it-was-asked"),
        pytest.param({"auth_time": None}, id="does-not-say-when"),
        pytest.param({"sub": "rsp|4712"}, id="somebody-else"),
    ],
)
async def test_an_old_factor_or_another_persons_does_not_count(
    world: World, said: dict[str, Any]
) -> None:
    # given another person who has an account as well
    another = IssuerSubject(world.issuer.url, "rsp|4712")
    await add(world.auth, RITA, org="100002.rsp", issuer_subject=another)
    _, token = await signed_in(world)
    before = await session_of(world, token)

    # when the issuer answers with less than was asked for
    asking = await ask(world, token)
    if said.get("auth_time") == "before":
        said = {"auth_time": int((world.auth.now() - timedelta(minutes=2)).timestamp())}
    world.issuer.claims = said
    back = await asking.come_back()

    # then it is refused, and the session as old as it was
    assert (back.status, back.body["code"]) == (401, REFUSED)
    assert await session_of(world, token) == before


async def test_a_password_alone_leads_to_where_a_factor_is_activated(world: World) -> None:
    _, token = await signed_in(world)
    before = await session_of(world, token)
    world.issuer.claims = {"amr": ["pwd"]}

    back = await (await ask(world, token)).come_back()

    assert back.headers["Location"] == "https://reseller-portal.example"
    assert await session_of(world, token) == before


async def test_a_session_that_has_ended_meanwhile_is_not_woken(world: World) -> None:
    _, token = await signed_in(world)
    asking = await ask(world, token)
    caller = a_pass(RITA.org, subject=token["sub"], session=token["sid"])
    assert (await world.auth.delete("/v1/me/sessions", as_=caller)).status == 204

    back = await asking.come_back()

    assert (back.status, back.body["code"]) == (401, REFUSED)


async def test_the_answer_to_a_step_up_signs_nobody_in(world: World) -> None:
    _, token = await signed_in(world)

    back = await (await ask(world, token)).come_back()

    kept = [one.partition("=")[0] for one in back.headers.getall("Set-Cookie")]
    assert kept == ["__Host-portal_flow"]
    assert await world.sessions() == 1


async def test_who_has_no_account_there_is_not_sent_there(world: World) -> None:
    await add(world.auth)
    tokens = await sign_in(world.auth)

    answer = await world.auth.post(PATH, as_=as_signed_in(tokens), json={})

    assert (answer.status, answer.body["code"]) == (401, REFUSED)


async def test_a_code_is_not_asked_here_of_whose_factor_is_there(world: World) -> None:
    _, token = await signed_in(world)
    caller = a_pass(RITA.org, subject=token["sub"], session=token["sid"])

    answer = await world.auth.post("/v1/session/step-up", as_=caller, json={"code": "123456"})

    assert (answer.status, answer.body["url"]) == (409, "https://reseller-portal.example")
