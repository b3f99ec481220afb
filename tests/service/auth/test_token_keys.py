"""The keys that sign tokens are changed without anybody noticing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet

from services.auth.app import open_auth
from services.auth.settings import AuthSettings
from shared.contracts.events import Service
from shared.keys import Keys, signing_keys
from tests.support.auth import ADMIN, ANYBODY, add_account, auth_settings, code_now
from tests.support.guessing import another_replica
from tests.support.service import Client, running

OLD, NEW = signing_keys(), signing_keys()
OLD_AND_NEW = Keys(KeySet([*OLD.jwks.keys, *NEW.jwks.keys]))
NEW_AND_OLD = Keys(KeySet([*NEW.jwks.keys, *OLD.jwks.keys]))
LOGIN = {
    "username": ADMIN.username,
    "password": ADMIN.password,
    "tenant": ADMIN.org,
    "transport": "body",
}


def _settings(mongo_url: str, keys: Keys) -> AuthSettings:
    return auth_settings(mongo_url, token_keys=keys.private())


async def _published(auth: Client) -> list[dict[str, Any]]:
    answer = await auth.get("/.well-known/jwks.json", as_=ANYBODY)
    return list(answer.body["keys"])


def _kid(token: str) -> object:
    return jwt.decode(token, NEW_AND_OLD.jwks, algorithms=["EdDSA"]).header["kid"]


async def test_all_keys_are_published_and_none_with_its_private_half(mongo_url: str) -> None:
    settings = _settings(mongo_url, NEW_AND_OLD)

    async with running(Service.AUTH, open_auth, settings) as auth:
        published = await _published(auth)

    assert [key["kid"] for key in published] == [NEW.first.kid, OLD.first.kid]
    assert all({"kty", "crv", "x", "kid"} <= key.keys() for key in published)
    assert not any("d" in key for key in published)


async def test_what_the_old_key_signed_is_good_at_every_step_of_a_change(mongo_url: str) -> None:
    before = _settings(mongo_url, OLD)

    signed_by = []
    async with running(Service.AUTH, open_auth, before) as auth:
        await add_account(auth)
        for keys in (OLD, OLD_AND_NEW, NEW_AND_OLD):
            first = await auth.post("/v1/login", as_=ANYBODY, json=LOGIN)
            auth.now.advance(timedelta(seconds=31))
            token_keys = _settings(mongo_url, keys).token_keys
            settings = before.model_copy(update={"token_keys": token_keys})
            async with another_replica(replace(auth, settings=settings)) as other:
                step = {"challenge": first.body["challenge"], "code": code_now(auth)}
                done = await other.post("/v1/login/totp", as_=ANYBODY, json=step)
                body = {"refresh_token": done.body["refresh_token"]}
                carried = await other.post("/v1/session/refresh", as_=ANYBODY, json=body)
            assert carried.status == 200
            signed_by.append(_kid(carried.body["access_token"]))

    assert signed_by == [OLD.first.kid, OLD.first.kid, NEW.first.kid]
