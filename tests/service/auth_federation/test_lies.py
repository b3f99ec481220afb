"""Try to get in with tokens that the issuer did not make, or not for this."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.support.federation import RITA, World, begin, is_refused, refreshed
from tests.support.issuer import CLIENT_ID, Issuer, a_key


def other_key(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header, claims, a_key(header["kid"]), algorithms=["ES256"])


def base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = [{**header, "alg": "none"}, claims]
    return b".".join([*(base64url(json.dumps(one).encode()) for one in parts), b""]).decode()


def signed_with_public_key(issuer: Issuer) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    assert isinstance(issuer.key, ECKey)
    public = issuer.key.as_pem(private=False)

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = [{**header, "alg": "HS256"}, claims]
        signed = b".".join(base64url(json.dumps(one).encode()) for one in parts)
        mac = hmac.new(public, signed, hashlib.sha256).digest()
        return b".".join([signed, base64url(mac)]).decode()

    return sign


@pytest.mark.parametrize("how", ["another-key", "none", "public-key-as-secret", "no-token"])
async def test_a_token_that_the_issuer_did_not_sign_is_refused(world: World, how: str) -> None:
    world.issuer.sign = {
        "another-key": other_key,
        "none": unsigned,
        "public-key-as-secret": signed_with_public_key(world.issuer),
        "no-token": lambda _, __: "e30.e30.e30",
    }[how]

    begun = await begin(world.auth, world.issuer)

    assert await is_refused(world, await begun.come_back())


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"nonce": "another"}, id="nonce-of-another"),
        pytest.param({"nonce": None}, id="no-nonce"),
        pytest.param({"iss": "https://another.example"}, id="iss"),
        pytest.param({"aud": "another-client"}, id="aud"),
        pytest.param({"aud": [CLIENT_ID, "another-client"]}, id="aud-of-two"),
        pytest.param({"aud": []}, id="aud-of-none"),
        pytest.param({"azp": "another-client"}, id="azp"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="no-exp"),
        pytest.param({"exp": "never"}, id="exp-is-no-number"),
        pytest.param({"exp": 10**400}, id="exp-beyond-time"),
        pytest.param({"iat": 4_000_000_000}, id="from-the-future"),
        pytest.param({"auth_time": None}, id="no-auth-time"),
        pytest.param({"auth_time": 4_000_000_000}, id="signs-in-in-the-future"),
        pytest.param({"auth_time": 1_000_000_000}, id="signed-in-long-ago"),
        pytest.param({"at_hash": "another"}, id="at-hash"),
        pytest.param({"sub": None}, id="no-sub"),
        pytest.param({"sub": ""}, id="empty-sub"),
        pytest.param({"sub": {"$gt": ""}}, id="sub-is-a-query"),
        pytest.param({"sub": "4711" * 64}, id="sub-is-too-long"),
        pytest.param({"aud": {"us": 1}}, id="aud-is-an-object"),
        pytest.param({"sub": "rsp|4712", "email": RITA.email}, id="mail-address-of-an-account"),
        pytest.param({"sub": "rita", "preferred_username": "rita"}, id="user-name-of-an-account"),
    ],
)
async def test_an_id_token_that_does_not_answer_our_request_is_refused(
    world: World, lie: dict[str, Any]
) -> None:
    world.issuer.claims = lie

    begun = await begin(world.auth, world.issuer)

    assert await is_refused(world, await begun.come_back())


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"typ": "logout+jwt"}, id="logout-token"),
        pytest.param({"typ": "at+jwt"}, id="access-token"),
        pytest.param({"kid": "another"}, id="another-kid"),
    ],
)
async def test_another_kind_of_token_is_no_id_token(world: World, header: dict[str, Any]) -> None:
    world.issuer.published = [world.issuer.key]
    world.issuer.header = header

    begun = await begin(world.auth, world.issuer)

    assert await is_refused(world, await begun.come_back())


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        pytest.param(lambda: RSAKey.generate_key(2048, {"kid": "r"}), "RS256", id="RS256"),
        pytest.param(lambda: RSAKey.generate_key(2048, {"kid": "p"}), "PS256", id="PS256"),
        pytest.param(lambda: OKPKey.generate_key("Ed25519", {"kid": "e"}), "EdDSA", id="EdDSA"),
    ],
)
async def test_the_usual_signatures_are_understood(
    world: World, key: Callable[[], RSAKey], algorithm: str
) -> None:
    world.issuer.key, world.issuer.header = key(), {"alg": algorithm}
    world.issuer.claims = {"at_hash": None, "aud": [CLIENT_ID], "azp": CLIENT_ID}

    begun = await begin(world.auth, world.issuer)

    assert await refreshed(world, await begun.come_back())


async def test_a_new_key_of_the_issuer_is_asked_for_but_not_at_every_lie(world: World) -> None:
    # given an issuer whose key is known, and a while later another one
    assert await refreshed(world, await (await begin(world.auth, world.issuer)).come_back())
    world.auth.now.advance(timedelta(minutes=5))
    world.issuer.key = a_key("second")

    # when it signs with that
    assert await refreshed(world, await (await begin(world.auth, world.issuer)).come_back())

    # then its keys were asked for again; and ten unknown keys later no more often
    assert world.issuer.asked.count("/jwks") == 2
    world.issuer.published = [world.issuer.key]
    for number in range(10):
        world.issuer.key = a_key(f"unknown-{number}")
        answer = await (await begin(world.auth, world.issuer)).come_back()
        assert answer.status == 401
    assert world.issuer.asked.count("/jwks") == 2
    assert world.issuer.asked.count("/.well-known/openid-configuration") == 1
