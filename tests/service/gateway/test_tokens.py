"""Which tokens open the door, and how far."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from shared.callers import OPEN, Caller
from shared.keys import signing_keys
from shared.passes import ENROLMENT, TYPE
from shared.step_up import ACR
from tests.service.gateway.world import ACCOUNT, SESSION, TENANT, TOKEN_KEYS, World
from tests.support.operations import filled
from tests.support.processes import PROJECT

_DOCUMENT = json.loads((PROJECT / "services/gateway/openapi.json").read_text())


def _operations() -> list[tuple[str, str, str]]:
    """Method, a path that fits and access of every public operation."""
    return [
        (method.upper(), filled(template), told["x-permission"] or told["x-access"])
        for template, item in _DOCUMENT["paths"].items()
        for method, told in item.items()
    ]


def _part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _rewritten(token: str, **header: Any) -> str:
    """The token with another header and its old signature."""
    head, claims, signature = token.split(".")
    old = json.loads(base64.urlsafe_b64decode(head + "=="))
    return f"{_part({**old, **header})}.{claims}.{signature}"


def _bad_tokens(world: World) -> dict[str, str]:
    good = world.token()
    head, claims, signature = good.split(".")
    admin = _part({"sub": ACCOUNT, "sid": SESSION, "org": "vendor", "exp": 9999999999})
    nested = b"[" * 5000
    return {
        "another's key": world.token(keys=signing_keys()),
        "no signature": f"{head}.{claims}.",
        "other claims": f"{head}.{admin}.{signature}",
        "alg none": f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{claims}.",
        "alg HS256": _rewritten(good, alg="HS256"),
        "jku": _rewritten(good, jku="http://127.0.0.1:1/keys.json", kid="theirs"),
        "own jwk": _rewritten(good, jwk=json.loads(signing_keys().public())["keys"][0]),
        "crit": _rewritten(good, crit=["b64"], b64=False),
        "expired": world.token(seconds=-1),
        "long expired": world.token(seconds=-3600),
        "no expiry": world.token(exp=None),
        "foreign audience": world.token(aud="another-portal"),
        "foreign issuer": world.token(iss="http://evil.test"),
        "a pass": world.token(typ=TYPE),
        "plain JWT": world.token(typ="JWT"),
        "not yet": world.token(nbf=9999999999),
        "nonsense": "nonsense",
        "dots": "....",
        "nested header": f"{_part(nested)}.{claims}.{signature}",
        "binary header": f"{_part(bytes(range(128, 256)))}.{claims}.{signature}",
        "list header": f"{_part([])}.{claims}.{signature}",
        "five parts": f"{head}.{claims}.{signature}.{head}.{claims}",
    }


async def test_a_token_that_is_not_ours_or_not_for_this_opens_nothing(world: World) -> None:
    answers = {
        name: await world.call("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        for name, token in _bad_tokens(world).items()
    }

    assert {name: answer.refusal for name, answer in answers.items()} == dict.fromkeys(
        answers, (401, "unauthenticated")
    )
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {
        'Bearer realm="portal", error="invalid_token"'
    }
    assert world.handed_on == []


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "bearer", "Bearer\u00e4"])
async def test_without_a_bearer_token_nobody_is_signed_in(world: World, header: str) -> None:
    answer = await world.call("GET", "/v1/me", headers={"Authorization": header})

    assert answer.refusal == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="portal"'
    assert world.handed_on == []


async def test_a_good_token_becomes_a_pass_for_the_place_and_stays_outside(world: World) -> None:
    token = world.token()

    answer = await world.call(
        "GET", f"/v1/tenants/{TENANT}", headers={"Authorization": f"Bearer {token}"}
    )

    assert answer.status == 200
    seen = world.tenancy.public[0]
    granted = world.pass_of(seen)
    assert (granted.subject, granted.session, granted.org, granted.place) == (
        ACCOUNT,
        SESSION,
        TENANT,
        TENANT,
    )
    assert "tenant:edit" in granted.permissions
    assert "licence:create" not in granted.permissions
    assert all(token not in value for _, value in seen.headers)


async def test_an_expired_token_is_refused_also_where_it_was_good_before(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token(seconds=20)}"}
    before = await world.call("GET", "/v1/me", headers=headers)

    world.now.advance(timedelta(seconds=21))
    after = await world.call("GET", "/v1/me", headers=headers)

    assert before.status == 200
    assert after.refusal == (401, "unauthenticated")


async def test_an_enrolment_token_opens_the_activation_of_a_second_factor_and_nothing_else(
    world: World,
) -> None:
    headers = {"Authorization": f"Bearer {world.enrolment()}"}
    walked = _operations()

    opened = set()
    for method, path, access in walked:
        if access in OPEN:
            continue
        answer = await world.call(method, path, headers=headers)
        if answer.status == 200:
            opened.add((method, path))
        else:
            assert answer.refusal == (401, "unauthenticated"), path

    assert len(walked) > 15
    assert opened == {
        ("POST", "/v1/me/passkeys"),
        ("POST", "/v1/me/passkeys/options"),
        ("POST", "/v1/me/totp"),
        ("POST", "/v1/me/totp/confirm"),
    }
    assert opened == {
        (method, path) for method, path, access in walked if access == Caller.SIGNED_IN_OR_ENROLLING
    }
    assert [world.pass_of(seen).session for seen in world.handed_on] == [ENROLMENT] * 4
    assert not any(world.pass_of(seen).permissions for seen in world.handed_on)


async def test_every_operation_that_is_not_for_anybody_wants_a_token(world: World) -> None:
    for method, path, access in _operations():
        answer = await world.call(method, path)

        if access in OPEN:
            assert answer.status == 200, path
        else:
            assert answer.refusal == (401, "unauthenticated"), path

    assert {world.pass_of(seen).place for seen in world.handed_on} == {"public"}


async def test_keys_are_asked_for_anew_at_an_unknown_token_but_not_at_each(world: World) -> None:
    for number in range(20):
        forged = world.token(keys=signing_keys(), sub=f"a-{number}")
        await world.call("GET", "/v1/me", headers={"Authorization": f"Bearer {forged}"})

    assert world.auth.asked("/.well-known/jwks.json") <= 2


async def test_keys_that_cannot_be_read_are_an_outage_and_no_crash(world: World) -> None:
    del world.auth.answers["/.well-known/jwks.json"]

    answer = await world.as_admin("GET", "/v1/me")

    assert answer.refusal == (503, "service_unavailable")
    assert TOKEN_KEYS.public() not in str(answer.body)


async def test_the_pass_says_when_a_second_factor_was_shown_and_only_then(world: World) -> None:
    with_factor = world.token(acr=ACR, auth_time=1_700_000_000)
    without = world.token(auth_time=1_700_000_000)
    another = world.token(acr="urn:example:fingerprint", auth_time=1_700_000_000)

    shown = []
    for token in (with_factor, without, another):
        await world.call("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
        shown.append(world.pass_of(world.handed_on[-1]).factor_at)

    assert shown == [1_700_000_000, None, None]
