"""What no authenticator and no browser writes: refused in plain words, whatever is wrong."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any, Final

import pytest
from webauthn.helpers import encode_cbor

from services.auth.app import open_auth
from shared.contracts.events import Service
from tests.support.auth import ADMIN, add_account, as_signed_in, auth_settings, sign_in
from tests.support.guessing import a_source
from tests.support.passkeys import (
    ORIGIN,
    Authenticator,
    Device,
    Owner,
    log_in,
    login_options,
    text,
    with_passkey,
)
from tests.support.service import NOON, Client, running
from tests.support.soft_keys import EDDSA, ES256, RS256, cose_of, written

NEST: Final = b"\x81" * 20_000
ENDLESS: Final = b"\x9b\x7f" + b"\xff" * 7
"""CBOR: an array in an array and so on; one of more elements than there are atoms in a house."""
NEW_KEY: Final = 0x45
"""Flags: a user was there and verified, and a key follows."""
SYNCED_AND_NEVER: Final = 0x55
MORE_TO_COME: Final = 0xC5
"""Flags that say besides that it is synced although it can't be, or that extensions follow."""


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(
        mongo_url, public_url=ORIGIN, totp_required_from=NOON + timedelta(days=90)
    )
    async with running(Service.AUTH, open_auth, settings) as client:
        yield client


@pytest.fixture
async def owner(auth: Client) -> Owner:
    await add_account(auth, totp_secret=None)
    return Owner(auth, as_signed_in(await sign_in(auth), ADMIN.org))


def with_response(credential: dict[str, Any], **changes: bytes) -> dict[str, Any]:
    told = {name: text(value) for name, value in changes.items()}
    return {**credential, "response": {**credential["response"], **told}}


def attested(data: Any, form: Any = "none", statement: Any = None) -> bytes:
    return encode_cbor({"fmt": form, "attStmt": statement or {}, "authData": data})


def data_with(device: Device, key: bytes, flags: int = NEW_KEY) -> bytes:
    """Authenticator data of a new passkey with this public key."""
    return device.data(flags) + device.described(key)


async def all_refused(owner: Owner, made: dict[str, Any], objects: Iterable[bytes]) -> None:
    """None of these attestation objects makes a passkey of what is right otherwise."""
    for one in objects:
        answer = await owner.send(with_response(made, attestationObject=one))
        met = (answer.status, answer.body.get("code"))
        assert met == (422, "passkey_not_accepted"), one[:400]
    assert await owner.listed() == []
    assert (await owner.send(made)).status == 201


@pytest.mark.parametrize("algorithm", [EDDSA, ES256, RS256])
async def test_a_key_that_is_none_is_not_registered(owner: Owner, algorithm: int) -> None:
    authenticator = Authenticator(device=Device(algorithm))
    made = authenticator.create((await owner.options()).body)
    key = authenticator.device.key
    assert key is not None
    right = cose_of(key)
    others = [{**right, 3: other} for other in (-35, -37, -47, 0, "EdDSA") if other != algorithm]
    parts = [{k: v for k, v in right.items() if k != label} for label in right]
    nothings: list[Any] = [None, 0, "1", [], b""]
    kinds = [{**right, label: value} for label in right for value in nothings]
    broken = [written(one) for one in (*others, *parts, *kinds)]
    broken += [written(right)[:-1], written(right) + b"\0", b"", b"\xa0", b"\xf6", NEST, ENDLESS]
    broken += [written(right | {-1: 2}), b"\xa2\x01\x01\x01\x02"]
    broken.append(written(right | {-2: (1).to_bytes(32, "little")}))

    objects = [attested(data_with(authenticator.device, one)) for one in broken]

    await all_refused(owner, made, objects)


async def test_authenticator_data_that_is_none_is_not_registered(owner: Owner) -> None:
    authenticator = Authenticator()
    made = authenticator.create((await owner.options()).body)
    device = authenticator.device
    right = data_with(device, device.public_key)
    cuts = [right[:length] for length in (0, 1, 32, 33, 36, 37, 52, 54, 55, 86, len(right) - 1)]
    long_id, no_id = Device(credential_id=bytes(1024)), Device(credential_id=b"")
    key = device.public_key
    flagged = [
        data_with(device, key, flags) for flags in (0x00, 0x04, 0x05, 0x40, SYNCED_AND_NEVER)
    ]
    more = [data_with(device, key + end, MORE_TO_COME) for end in (b"", b"\xa1", b"\xa0\xa0", NEST)]
    ids = [data_with(one, key) for one in (long_id, no_id)]

    objects = [attested(one) for one in (*cuts, *flagged, *more, *ids, right + b"\0")]

    await all_refused(owner, made, objects)


async def test_an_attestation_that_is_none_is_not_registered(owner: Owner) -> None:
    authenticator = Authenticator()
    made = authenticator.create((await owner.options()).body)
    device = authenticator.device
    right = data_with(device, device.public_key)
    unsigned = {"alg": ES256, "sig": bytes(70)}
    forms: list[Any] = ["", "tpm", "android-key", "apple", 1, None, []]
    no_data: list[Any] = [None, 1, "data", [], {}]
    statements: list[Any] = [{"sig": b"1"}, {"x5c": []}, 1]
    objects = [
        *(b"\0", b"\xa0", b"\xf6", b"\x80", b"\xff", NEST, ENDLESS, attested(right)[:-1]),
        *(attested(right, form) for form in forms),
        *(attested(data) for data in no_data),
        *(attested(right, "none", statement) for statement in statements),
        *(attested(right, "packed", one) for one in (unsigned, {"x5c": [b"1"], **unsigned}, 1)),
        *(encode_cbor({"fmt": "none", "attStmt": {}}), encode_cbor({"authData": right})),
    ]

    await all_refused(owner, made, objects)


CLIENT_DATA: Final = [
    *(b"\0", b"\xff\xfe", b"", b"{", b"null", b"[]", b"1", b"NaN", b'"text"', b"{}"),
    *(b'{"type": "webauthn.create"}', b"[" * 24_000, b'{"a":' * 4_800),
    b'{"type": "webauthn.create", "challenge": null, "origin": null}',
    b'{"type": [], "challenge": {}, "origin": []}',
    b'{"type": "webauthn.create", "challenge": "=", "origin": "https://portal.example"}',
    b'{"type": "webauthn.create", "challenge": "A", "origin": "https://portal.example"}',
]


async def test_client_data_that_is_none_is_not_registered(owner: Owner) -> None:
    made = Authenticator().create((await owner.options()).body)

    for one in filter(None, CLIENT_DATA):
        answer = await owner.send(with_response(made, clientDataJSON=one))
        assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted"), one[:200]

    assert (await owner.send(made)).status == 201


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://portal.example/"},
        {"type": "webauthn.get"},
        {"type": "payment.create"},
        {"challenge": "AAAA"},
        {"crossOrigin": True},
    ],
    ids=str,
)
async def test_an_answer_to_anything_else_is_not_registered(
    owner: Owner, changes: dict[str, Any]
) -> None:
    made = Authenticator().create((await owner.options()).body, **changes)

    answer = await owner.send(made)

    assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted")
    assert await owner.listed() == []


async def test_an_answer_that_is_none_opens_nothing(auth: Client) -> None:
    anna = await with_passkey(auth)
    given = anna.authenticator.get(await login_options(auth))
    data = anna.authenticator.device.data(0x05)
    broken = [
        *({"clientDataJSON": one} for one in CLIENT_DATA if one),
        *({"authenticatorData": data[:length]} for length in (1, 32, 33, 36)),
        *({"authenticatorData": one} for one in (data + b"\0", b"\0" * 37, bytes(4_000))),
        *({"authenticatorData": anna.authenticator.device.data(flags)} for flags in (0, 4, 0x15)),
        *({"authenticatorData": anna.authenticator.device.data(0x85) + b} for b in (b"\0", NEST)),
        *({"authenticatorData": anna.authenticator.device.data(0x45) + b} for b in (b"\0", NEST)),
        *({"userHandle": one} for one in (b"\0", b"\xff", b"{}", b"a" * 24_000)),
        *({"signature": one} for one in (b"\0", bytes(24_000), NEST)),
    ]

    for one in broken:
        answer = await log_in(auth, with_response(given, **one), source=a_source())
        assert (answer.status, answer.body["code"]) == (401, "passkey_refused"), str(one)[:200]

    assert (await log_in(auth, given)).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "AA=="},
        {"id": "A+/A"},
        {"id": ""},
        {"rawId": None},
        {"rawId": [1, 2]},
        {"response": None},
        {"response": {}},
        {"response": []},
        {"type": None},
    ],
    ids=str,
)
async def test_a_form_that_no_browser_writes_is_refused(
    auth: Client, changes: dict[str, Any]
) -> None:
    anna = await with_passkey(auth)
    given = anna.authenticator.get(await login_options(auth))

    answer = await log_in(auth, {**given, **changes})

    assert (answer.status, answer.body["code"]) == (422, "invalid")
