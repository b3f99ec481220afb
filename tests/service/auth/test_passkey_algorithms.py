"""Keys of every algorithm that we ask for: each signs in, and none where anything is wrong."""

from collections.abc import AsyncIterator
from copy import copy
from datetime import timedelta
from typing import Any

import pytest

from services.auth.app import open_auth
from shared.contracts.events import Service
from tests.support.auth import auth_settings
from tests.support.guessing import a_source
from tests.support.passkeys import (
    ORIGIN,
    Anna,
    Authenticator,
    Device,
    as_bytes,
    log_in,
    login_options,
    text,
    with_passkey,
)
from tests.support.service import NOON, Answer, Client, running
from tests.support.soft_keys import ALGORITHMS, new_key

REFUSED = (401, "passkey_refused")


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(
        mongo_url, public_url=ORIGIN, totp_required_from=NOON + timedelta(days=90)
    )
    async with running(Service.AUTH, open_auth, settings) as client:
        yield client


@pytest.fixture(params=ALGORITHMS, ids=["EdDSA", "ES256", "RS256"])
async def anna(auth: Client, request: pytest.FixtureRequest) -> Anna:
    return await with_passkey(auth, Authenticator(device=Device(request.param)))


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


async def test_it_signs_in_after_the_password_and_alone(auth: Client, anna: Anna) -> None:
    challenge = await anna.challenge()
    asked = await login_options(auth, challenge)

    after = await log_in(auth, anna.authenticator.get(asked), challenge)
    alone = await anna.alone()

    assert [one.status for one in (after, alone)] == [200, 200]


async def test_an_answer_to_anything_else_is_refused(auth: Client, anna: Anna) -> None:
    elsewhere = (await login_options(auth))["public_key"]["challenge"]
    lies: list[dict[str, Any]] = [
        {"origin": "https://evil.example"},
        {"type": "webauthn.create"},
        {"challenge": elsewhere[:-8] + "AAAAAAAA"},
        {"crossOrigin": True},
    ]

    met = [refusal(await anna.alone(a_source(), **lie)) for lie in lies]

    assert met == [REFUSED] * len(lies)
    assert (await anna.alone()).status == 200


async def test_an_answer_is_good_once(auth: Client, anna: Anna) -> None:
    given = anna.authenticator.get(await login_options(auth))

    first, again = await log_in(auth, given), await log_in(auth, given)

    assert first.status == 200
    assert refusal(again) == REFUSED


async def test_no_other_signature_is_taken(auth: Client, anna: Anna) -> None:
    """Not of another key of any algorithm, nor one of which a bit or an end is missing."""
    asked = await login_options(auth)
    given = anna.authenticator.get(asked)
    right = as_bytes(given["response"]["signature"])
    wrong = [bytes(len(right)), right[:-1], right + b"\0", bytes([right[0] ^ 1]) + right[1:], b"\0"]
    for algorithm in ALGORITHMS:
        forger = Authenticator(device=copy(anna.authenticator.device))
        forger.device.key = new_key(algorithm)
        wrong.append(as_bytes(forger.get(asked)["response"]["signature"]))

    met = []
    for one in wrong:
        response = {**given["response"], "signature": text(one)}
        answer = await log_in(auth, {**given, "response": response}, source=a_source())
        met.append(refusal(answer))

    assert met == [REFUSED] * len(wrong)
    assert (await log_in(auth, given)).status == 200
