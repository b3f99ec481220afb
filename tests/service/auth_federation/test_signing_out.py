"""Signed out at the Reseller Portal: its own word, and no other, ends sessions here."""

from datetime import timedelta
from typing import Any

import pytest

from services.auth.actions import sign_out_elsewhere
from shared.contracts.auth import SessionRevoked
from shared.mongo.errors import StoreAwayError
from shared.passes import GATEWAY
from tests.support.auth import ANYBODY
from tests.support.federation import World, begin, refreshed
from tests.support.issuer import a_key
from tests.support.service import Answer, a_pass

EVENT = "http://schemas.openid.net/event/backchannel-logout"


async def signed_in(world: World) -> str:
    """The id of a session that began at the Reseller Portal."""
    begun = await begin(world.auth, world.issuer)
    return str((await refreshed(world, await begun.come_back()))["sid"])


async def tell(world: World, token: str | None = None) -> Answer:
    form = {"logout_token": token or world.issuer.logout_token()}
    return await world.auth.post("/v1/login/reseller-portal/logout", as_=ANYBODY, data=form)


async def is_alive(world: World, session: str) -> bool:
    """The gateway's question."""
    answer = await world.auth.get(f"/internal/sessions/{session}", as_=a_pass(GATEWAY))
    return answer.status == 200


async def test_all_sessions_of_the_person_end_and_gateways_hear_of_it(world: World) -> None:
    # given two sessions
    sessions = [await signed_in(world), await signed_in(world)]

    # when the Reseller Portal says that their owner has signed out
    told = await tell(world)

    # then both have ended
    assert (told.status, told.headers["Cache-Control"]) == (200, "no-store")
    assert not any([await is_alive(world, one) for one in sessions])
    heard = await world.auth.heard(SessionRevoked)
    assert {one.session_id for one in heard} == set(sessions)
    assert {one.reason for one in heard} == {"signed_out_elsewhere"}


async def test_a_logout_token_is_good_once(world: World) -> None:
    # given one that was used, and a session that began since
    token = world.issuer.logout_token()
    assert (await tell(world, token)).status == 200
    session = await signed_in(world)

    # when it comes again
    again = await tell(world, token)

    # then the session goes on
    assert (again.status, again.body["code"]) == (400, "logout_token_refused")
    assert await is_alive(world, session)


async def test_a_logout_token_that_came_to_nothing_may_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a database that goes away just when the sessions are to be ended
    session, token = await signed_in(world), world.issuer.logout_token()

    async def away(*_: Any, **__: Any) -> None:
        raise StoreAwayError

    with monkeypatch.context() as broken:
        broken.setattr(sign_out_elsewhere, "end_all", away)
        failed = await tell(world, token)

    # when the Reseller Portal tries again
    again = await tell(world, token)

    # then the session ends
    assert (failed.status, again.status) == (503, 200)
    assert not await is_alive(world, session)


async def test_nobody_is_signed_out_who_is_not_known(world: World) -> None:
    session = await signed_in(world)
    world.issuer.claims = {"sub": "rsp|4712"}

    assert (await tell(world)).status == 200
    assert await is_alive(world, session)


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"events": None}, id="no-event"),
        pytest.param({"events": {"another": {}}}, id="another-event"),
        pytest.param({"events": {EVENT: "yes"}}, id="event-is-no-object"),
        pytest.param({"nonce": "any"}, id="an-id-token"),
        pytest.param({"iss": "https://another.example"}, id="iss"),
        pytest.param({"aud": "another-client"}, id="aud"),
        pytest.param({"iat": 1_000_000_000}, id="long-ago"),
        pytest.param({"iat": None}, id="no-iat"),
        pytest.param({"exp": 1_000_000_000}, id="expired"),
        pytest.param({"jti": None}, id="no-jti"),
        pytest.param({"sub": None}, id="no-sub"),
    ],
)
async def test_a_logout_token_that_is_not_quite_one_ends_nothing(
    world: World, lie: dict[str, Any]
) -> None:
    session = await signed_in(world)
    world.issuer.claims = lie

    told = await tell(world)

    assert (told.status, told.body["code"]) == (400, "logout_token_refused")
    assert await is_alive(world, session)


async def test_only_the_issuer_signs_people_out(world: World) -> None:
    # given a session, and somebody with a key under the issuer's name for its own
    session = await signed_in(world)
    world.issuer.published = [world.issuer.key]
    world.issuer.key = a_key(world.issuer.key.kid or "")

    # when they say that its owner has signed out, with a logout token or an ID token
    answers = [
        await tell(world),
        await tell(world, world.issuer.id_token()),
        await tell(world, "x"),
    ]

    # then it goes on
    assert [one.status for one in answers] == [400] * 3
    assert await is_alive(world, session)


async def test_an_id_token_of_the_issuer_is_no_logout_token(world: World) -> None:
    session = await signed_in(world)

    told = await tell(world, world.issuer.id_token())

    assert told.status == 400
    assert await is_alive(world, session)


async def test_a_late_logout_token_does_not_end_what_began_since(world: World) -> None:
    token = world.issuer.logout_token()
    world.auth.now.advance(timedelta(minutes=6))
    session = await signed_in(world)

    assert (await tell(world, token)).status == 400
    assert await is_alive(world, session)
