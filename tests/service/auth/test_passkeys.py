"""Own passkeys: registered, listed, named and removed, and what must not come in or go."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from webauthn.helpers import encode_cbor, parse_cbor

from services.auth.app import open_auth
from services.auth.domain.accounts import RSP
from shared.contracts.auth import PasskeyRegistered, PasskeyRemoved, TotpRemoved
from shared.contracts.events import Service
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    TOKEN_KEYS,
    add_account,
    as_signed_in,
    auth_settings,
    code_now,
    sign_in,
)
from tests.support.passkeys import ORIGIN, RP_ID, Authenticator, Owner, as_bytes, text
from tests.support.service import NOON, Client, running

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
async def auth(mongo_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    """Auth with `anna`, who has no factor yet and need not have one for ninety days."""
    given = {"totp_required_from": NOON + 90 * DAY, **getattr(request, "param", {})}
    settings = auth_settings(mongo_url, public_url=ORIGIN, **given)
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client, totp_secret=None)
        yield client


async def owner_of(auth: Client, **more: Any) -> Owner:
    """Anna, just signed in."""
    account = replace(ADMIN, **more)
    return Owner(auth, as_signed_in(await sign_in(auth, account), account.org))


def fresh(owner: Owner) -> Owner:
    """The same session after a factor was shown in it."""
    factor_at = int(owner.auth.now().timestamp())
    return replace(owner, caller=replace(owner.caller, factor_at=factor_at))


async def with_passkey(auth: Client, authenticator: Authenticator | None = None) -> Owner:
    owner = await owner_of(auth)
    answer = await owner.register(authenticator or Authenticator())
    assert answer.status == 201, answer.body
    return fresh(owner)


async def enrolment(auth: Client) -> tuple[Owner, str]:
    """Anna after the date, half signed in."""
    auth.now.advance(91 * DAY)
    done = await sign_in(auth)
    assert done["next"] == "enrol_totp"
    row = await auth.mongo.collection("accounts").find_one({"username": "anna"})
    assert row is not None
    return Owner.enrolling(auth, row["_id"], done["challenge"]), row["_id"]


# --- registering ----------------------------------------------------------------------------------


async def test_the_options_come_from_the_settings_and_the_account(auth: Client) -> None:
    owner = await owner_of(auth)

    asked = (await owner.options()).body["public_key"]

    assert asked["rp"] == {"name": "Mobile Security Portal", "id": RP_ID}
    assert asked["user"]["name"] == "anna (123456.sms)"
    assert as_bytes(asked["user"]["id"]).decode() == owner.caller.subject
    assert [param["alg"] for param in asked["pubKeyCredParams"]] == [-8, -7, -257]
    assert asked["attestation"] == "none"


async def test_the_first_passkey_comes_with_recovery_codes_and_is_told(auth: Client) -> None:
    owner = await owner_of(auth)

    answer = await owner.register(Authenticator(), name="  My laptop ")

    assert answer.status == 201
    assert len(set(answer.body["recovery_codes"])) == 10
    (passkey,) = await owner.listed()
    assert passkey == answer.body["passkey"]
    assert (passkey["name"], passkey["last_used_at"]) == ("My laptop", None)
    assert passkey["transports"] == ["hybrid", "internal"]
    assert (passkey["is_synced"], passkey["verifies_user"]) == (False, True)
    (told,) = await auth.heard(PasskeyRegistered)
    assert (told.account_id, told.name) == (owner.caller.subject, "My laptop")
    me = await auth.get("/v1/me", as_=owner.caller)
    assert (me.body["totp"], me.body["passkeys"], me.body["recovery_codes_left"]) == (None, 1, 10)


async def test_a_further_passkey_needs_a_fresh_factor_and_brings_no_codes(auth: Client) -> None:
    owner = await with_passkey(auth)
    stale = replace(owner, caller=replace(owner.caller, factor_at=None))
    auth.now.advance(11 * MINUTE)

    refused = [await one.options() for one in (stale, owner)]
    done = await fresh(owner).register(Authenticator(is_synced=True), name="Phone")

    assert [(one.status, one.body["code"]) for one in refused] == [
        (401, "insufficient_user_authentication")
    ] * 2
    assert 'error="insufficient_user_authentication"' in refused[0].headers["WWW-Authenticate"]
    assert (done.status, done.body["recovery_codes"]) == (201, [])
    assert [one["is_synced"] for one in await owner.listed()] == [False, True]


async def test_a_session_that_grew_old_between_the_two_calls_registers_nothing(
    auth: Client,
) -> None:
    owner = await with_passkey(auth)
    options = (await owner.options()).body
    auth.now.advance(11 * MINUTE)

    answer = await owner.register(Authenticator(), options)

    assert (answer.status, len(await owner.listed())) == (401, 1)


async def test_who_has_a_passkey_adds_an_app_only_with_a_fresh_factor(auth: Client) -> None:
    owner = await with_passkey(auth)
    stale = replace(owner.caller, factor_at=None)

    refused = await auth.post("/v1/me/totp", as_=stale)
    offer = await auth.post("/v1/me/totp", as_=owner.caller)
    code = {"code": code_now(auth, offer.body["secret"])}
    unproved = await auth.post("/v1/me/totp/confirm", as_=stale, json=code)
    done = await auth.post("/v1/me/totp/confirm", as_=owner.caller, json=code)

    assert [one.status for one in (refused, unproved)] == [401, 401]
    assert (done.status, done.body["recovery_codes"]) == (200, [])
    me = await auth.get("/v1/me", as_=owner.caller)
    assert me.body["totp"]["recovery_codes_left"] == 10


async def test_an_enrolment_is_satisfied_by_a_passkey_and_ends_in_a_session(auth: Client) -> None:
    enrolling, account_id = await enrolment(auth)

    done = await enrolling.register(Authenticator())

    assert done.status == 201, done.body
    assert len(done.body["recovery_codes"]) == 10
    claims = jwt.decode(done.body["access_token"], TOKEN_KEYS.jwks, algorithms=["EdDSA"]).claims
    assert (claims["sub"], claims["amr"]) == (account_id, ["pwd", "mfa", "hwk", "user"])
    assert claims["acr"] == "urn:portal:acr:mfa"
    assert "refresh_token" in done.body


async def test_an_enrolment_that_has_ended_opens_nothing_more(auth: Client) -> None:
    enrolling, account_id = await enrolment(auth)
    options = (await enrolling.options()).body
    await enrolling.register(Authenticator())

    again = await enrolling.register(Authenticator(), options)
    anew = await enrolling.options()
    app = await auth.post("/v1/me/totp", as_=enrolling.caller, headers=enrolling.headers)

    assert [one.status for one in (again, anew, app)] == [401, 401, 401]
    row = await auth.mongo.collection("accounts").find_one({"_id": account_id})
    assert row is not None
    assert (len(row["passkeys"]), row["pending_totp"]) == (1, None)


async def test_an_rsp_account_registers_nothing_here(auth: Client) -> None:
    owner = await owner_of(auth)
    await auth.mongo.collection("accounts").update({"username": "anna"}, {"$set": {"label": RSP}})

    answer = await owner.options()

    assert (answer.status, answer.body["code"]) == (409, "managed_elsewhere")


async def test_twenty_passkeys_are_enough(auth: Client) -> None:
    owner = await with_passkey(auth)
    for _ in range(19):
        assert (await owner.register(Authenticator())).status == 201

    answer = await owner.options()

    assert (answer.status, answer.body["code"]) == (409, "too_many_passkeys")


# --- what is no registration ----------------------------------------------------------------------


def with_auth_data(credential: dict[str, Any], change: Any) -> dict[str, Any]:
    attestation = parse_cbor(as_bytes(credential["response"]["attestationObject"]))
    change(attestation)
    response = {
        **credential["response"],
        "attestationObject": text(encode_cbor(attestation)),
    }
    return {**credential, "response": response}


def _other_algorithm(attestation: dict[str, Any]) -> None:
    """ES384 over P-256's coordinates: an algorithm that nobody asked for."""
    data = attestation["authData"]
    attestation["authData"] = data.replace(b"\x03\x26", b"\x03\x38\x22", 1)


def _absent_user(attestation: dict[str, Any]) -> None:
    data = attestation["authData"]
    attestation["authData"] = data[:32] + bytes([data[32] & ~1]) + data[33:]


def _attested(attestation: dict[str, Any]) -> None:
    attestation["fmt"], attestation["attStmt"] = "fido-u2f", {"sig": b"1", "x5c": [b"1"]}


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda made: with_auth_data(made, _other_algorithm), id="other algorithm"),
        pytest.param(lambda made: with_auth_data(made, _absent_user), id="nobody touched it"),
        pytest.param(lambda made: with_auth_data(made, _attested), id="an attestation"),
        pytest.param(lambda made: {**made, "id": "AAAA"}, id="two ids"),
        pytest.param(lambda made: {**made, "type": "password"}, id="no passkey"),
        pytest.param(
            lambda made: {**made, "response": {**made["response"], "attestationObject": "AAAA"}},
            id="no attestation object",
        ),
        pytest.param(
            lambda made: {**made, "response": {**made["response"], "clientDataJSON": text(b"[]")}},
            id="no client data",
        ),
    ],
)
async def test_what_no_authenticator_answers_is_not_registered(auth: Client, forge: Any) -> None:
    owner = await owner_of(auth)
    made = Authenticator().create((await owner.options()).body)

    answer = await owner.send(forge(made))

    assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted")
    assert await owner.listed() == []


@pytest.mark.parametrize(
    "origin",
    [
        "https://portal.example.evil.example",
        "http://portal.example",
        "https://portal.example:8443",
        "https://sub.portal.example",
        "https://evil.example",
    ],
)
async def test_another_origin_registers_nothing(auth: Client, origin: str) -> None:
    owner = await owner_of(auth)

    answer = await owner.register(Authenticator(origin=origin))

    assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted")


async def test_another_relying_party_id_registers_nothing(auth: Client) -> None:
    owner = await owner_of(auth)
    options = (await owner.options()).body
    options["public_key"]["rp"]["id"] = "evil.example"

    answer = await owner.register(Authenticator(), options)

    assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted")


async def test_another_accounts_or_sessions_challenge_registers_nothing(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    anna, bert = await owner_of(auth), await owner_of(auth, username="bert")
    elsewhere = await owner_of(auth)
    stolen = (await anna.options()).body

    answers = [await thief.register(Authenticator(), stolen) for thief in (bert, elsewhere)]

    assert [one.body["code"] for one in answers] == ["passkey_not_accepted"] * 2
    assert (await anna.register(Authenticator(), stolen)).status == 201


async def test_a_challenge_made_for_signing_in_registers_nothing(auth: Client) -> None:
    owner = await owner_of(auth)
    options = (await owner.options()).body
    other = await auth.post("/v1/login/passkey/options", as_=ANYBODY, json={})
    options["public_key"]["challenge"] = other.body["public_key"]["challenge"]

    answer = await owner.register(Authenticator(), options)

    assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted")


async def test_a_challenge_is_good_for_five_minutes(auth: Client) -> None:
    owner = await owner_of(auth)
    options = (await owner.options()).body
    auth.now.advance(5 * MINUTE)

    answer = await owner.register(Authenticator(), options)

    assert (answer.status, answer.body["code"]) == (422, "passkey_not_accepted")


async def test_an_answer_sent_fifty_times_at_once_is_one_passkey(auth: Client) -> None:
    owner = await owner_of(auth)
    made = Authenticator().create((await owner.options()).body)

    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(owner.send(made)) for _ in range(50)]

    assert [one.result().status for one in sent].count(201) == 1
    assert len(await owner.listed()) == 1
    assert len(await auth.heard(PasskeyRegistered)) == 1


async def test_a_passkey_belongs_to_one_account_for_good(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    authenticator = Authenticator()
    await with_passkey(auth, authenticator)
    bert = await owner_of(auth, username="bert")
    copied = authenticator.create((await bert.options()).body)
    first = await auth.mongo.collection("accounts").find_one({"username": "anna"})
    assert first is not None

    def with_her_id(attestation: dict[str, Any]) -> None:
        mine, hers = as_bytes(copied["id"]), as_bytes(first["passkeys"][0]["credential_id"])
        attestation["authData"] = attestation["authData"].replace(mine, hers)

    taken = with_auth_data(copied, with_her_id)
    taken |= dict.fromkeys(("id", "rawId"), first["passkeys"][0]["credential_id"])
    answer = await bert.send(taken)

    assert (answer.status, answer.body["code"]) == (409, "passkey_known")


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "a\nb"}, {"name": "x" * 201}, {"credential": None}, {"extra": 1}],
    ids=str,
)
async def test_a_body_that_makes_no_sense_is_refused(auth: Client, change: dict[str, Any]) -> None:
    owner = await owner_of(auth)
    made = Authenticator().create((await owner.options()).body)

    body = {"name": "Laptop", "credential": made, **change}
    answer = await auth.post("/v1/me/passkeys", as_=owner.caller, json=body)

    assert (answer.status, answer.body["code"]) == (422, "invalid")


# --- names and removal ----------------------------------------------------------------------------


async def test_a_passkey_is_renamed_by_its_owner_and_nobody_else(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    owner, bert = await with_passkey(auth), await owner_of(auth, username="bert")
    (passkey,) = await owner.listed()
    path = f"/v1/me/passkeys/{passkey['id']}"

    read = await auth.get(path, as_=owner.caller)
    as_read = {"If-Match": read.headers["ETag"]}
    foreign = [
        await auth.patch(path, as_=bert.caller, json={"name": "Mine"}, headers=as_read),
        await auth.get(path, as_=bert.caller),
    ]
    name = {"name": "Old laptop"}
    blind = await auth.patch(path, as_=owner.caller, json=name)
    done = await auth.patch(path, as_=owner.caller, json=name, headers=as_read)
    late = await auth.patch(path, as_=owner.caller, json=name, headers=as_read)

    assert read.body == passkey
    assert [one.status for one in foreign] == [404, 404]
    assert (blind.status, done.status, late.status) == (428, 200, 412)
    assert done.headers["ETag"] != read.headers["ETag"]
    assert [one["name"] for one in await owner.listed()] == ["Old laptop"]


async def test_a_removal_needs_a_fresh_factor_and_is_told(auth: Client) -> None:
    owner = await with_passkey(auth)
    (passkey,) = await owner.listed()
    stale = replace(owner, caller=replace(owner.caller, factor_at=None))

    refused = await stale.remove(passkey["id"])
    done = await owner.remove(passkey["id"])
    again = await owner.remove(passkey["id"])

    assert [one.status for one in (refused, done, again)] == [401, 204, 404]
    (told,) = await auth.heard(PasskeyRemoved)
    assert (told.passkey_id, told.is_last_factor, told.reason) == (passkey["id"], True, None)
    me = await auth.get("/v1/me", as_=owner.caller)
    assert (me.body["passkeys"], me.body["recovery_codes_left"]) == (0, 0)


async def test_another_accounts_passkey_is_not_removed(auth: Client) -> None:
    await add_account(auth, username="bert", totp_secret=None)
    owner, bert = await with_passkey(auth), fresh(await owner_of(auth, username="bert"))
    (passkey,) = await owner.listed()

    answer = await bert.remove(passkey["id"])

    assert (answer.status, len(await owner.listed())) == (404, 1)


async def test_the_last_factor_stays_where_one_is_compulsory(auth: Client) -> None:
    owner = await with_passkey(auth)
    await owner.register(Authenticator())
    first, second = await owner.listed()
    auth.now.advance(91 * DAY)
    owner = fresh(owner)

    answers = [await owner.remove(one["id"]) for one in (first, second)]

    assert [one.status for one in answers] == [204, 409]
    assert answers[1].body["code"] == "totp_compulsory"


async def test_of_two_removals_at_once_one_leaves_the_last_factor(auth: Client) -> None:
    owner = await with_passkey(auth)
    await owner.register(Authenticator())
    auth.now.advance(91 * DAY)
    owner = fresh(owner)

    async with asyncio.TaskGroup() as group:
        removals = [group.create_task(owner.remove(one["id"])) for one in await owner.listed()]

    assert sorted(one.result().status for one in removals) == [204, 409]
    assert len(await owner.listed()) == 1


async def test_an_app_may_go_while_a_passkey_stays_and_the_other_way_round(auth: Client) -> None:
    owner = await with_passkey(auth)
    rows = auth.mongo.collection("accounts")
    totp = {"locked_secret": "", "last_step": 1, "activated_at": NOON}
    await rows.update({"username": "anna"}, {"$set": {"totp": totp}})
    auth.now.advance(91 * DAY)
    owner = fresh(owner)

    app = await auth.delete("/v1/me/totp", as_=owner.caller)
    (passkey,) = await owner.listed()
    last = await owner.remove(passkey["id"])
    await rows.update({"username": "anna"}, {"$set": {"totp": totp}})
    beside_app = await owner.remove(passkey["id"])
    last_app = await auth.delete("/v1/me/totp", as_=owner.caller)

    assert [one.status for one in (app, last, beside_app, last_app)] == [204, 409, 204, 409]
    assert [one.passkeys_left for one in await auth.heard(TotpRemoved)] == [1]
    me = await auth.get("/v1/me", as_=owner.caller)
    assert me.body["recovery_codes_left"] == 10


async def test_without_a_password_the_last_passkey_that_verifies_its_user_stays(
    auth: Client,
) -> None:
    owner = await with_passkey(auth)
    await owner.register(Authenticator(verifies_user=False))
    await auth.mongo.collection("accounts").update(
        {"username": "anna"}, {"$set": {"password_hash": None}}
    )
    alone, beside = await owner.listed()

    refused, done = await owner.remove(alone["id"]), await owner.remove(beside["id"])

    assert (refused.status, refused.body["code"]) == (409, "last_way_in")
    assert (done.status, len(await owner.listed())) == (204, 1)


async def test_with_a_passkey_a_short_password_is_enough(auth: Client) -> None:
    owner = await owner_of(auth)
    body = {"old_password": PASSWORD, "new_password": "kurz+gut"}

    before = await auth.post("/v1/me/password", as_=owner.caller, json=body)
    await owner.register(Authenticator())
    after = await auth.post("/v1/me/password", as_=owner.caller, json=body)

    assert (before.status, after.status) == (422, 204)
