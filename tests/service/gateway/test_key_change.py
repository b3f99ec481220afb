"""Auth changes the keys that it signs with, and no request fails at the gateway."""

import pytest
from aiohttp import web
from joserfc.jwk import KeySet

from services.gateway.clients import tokens
from shared.keys import Keys, signing_keys
from tests.service.gateway.world import TOKEN_KEYS, World

NEW = signing_keys()
NEW_AND_OLD = Keys(KeySet([*NEW.jwks.keys, *TOKEN_KEYS.jwks.keys]))
JWKS = "/.well-known/jwks.json"


def publish(world: World, keys: Keys) -> None:
    async def told(_: web.Request) -> web.StreamResponse:
        return web.Response(text=keys.public(), content_type="application/json")

    world.auth.answers[JWKS] = told


async def status(world: World, keys: Keys, number: int) -> int:
    """Of a request with a fresh token that the first of these keys signed."""
    headers = {"Authorization": f"Bearer {world.token(keys=keys, jti=str(number))}"}
    return (await world.call("GET", "/v1/me", headers=headers)).status


async def test_tokens_of_the_old_and_of_the_new_key_are_good_throughout_a_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_KEYS_AGAIN_SECONDS", 0.0)
    before = [await status(world, TOKEN_KEYS, number) for number in range(5)]

    publish(world, NEW_AND_OLD)
    during = [
        await status(world, keys, number)
        for number in range(5, 30)
        for keys in (TOKEN_KEYS, NEW_AND_OLD)
    ]
    publish(world, NEW)
    after = [await status(world, NEW, number) for number in range(30, 35)]

    assert {*before, *during, *after} == {200}


async def test_a_key_that_was_published_before_it_signs_is_known_already_when_it_does(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await status(world, TOKEN_KEYS, 0)
    monkeypatch.setattr(tokens, "_KEYS_OLD_SECONDS", 0.0)
    publish(world, NEW_AND_OLD)
    await status(world, TOKEN_KEYS, 1)
    monkeypatch.undo()
    asked = world.auth.asked(JWKS)

    first = await status(world, NEW_AND_OLD, 2)

    assert first == 200
    assert world.auth.asked(JWKS) == asked


async def test_while_auth_is_away_the_keys_known_last_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": f"Bearer {world.enrolment()}"}
    before = await world.call("POST", "/v1/me/totp", headers=headers)
    monkeypatch.setattr(tokens, "_KEYS_OLD_SECONDS", 0.0)
    del world.auth.answers[JWKS]

    again = {"Authorization": f"Bearer {world.token(keys=TOKEN_KEYS, jti='2')}"}
    after = await world.call("GET", "/v1/me", headers=again)

    assert (before.status, after.status) == (200, 200)
