"""Signing in with a passkey: after the password, alone, and again in a session."""

import asyncio
from collections.abc import AsyncIterator
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from joserfc import jwt
from webauthn import verify_authentication_response

from services.auth.actions.refusals import tell_refusals
from services.auth.app import build, open_auth
from services.auth.clients import relying_party
from shared.contracts.auth import PasskeySuspected, RecoveryCodeUsed, SignInRefused
from shared.contracts.events import Service
from shared.contracts.tenancy import TenantResumed, TenantSuspended
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    TOKEN_KEYS,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.guessing import a_source
from tests.support.passkeys import (
    ORIGIN,
    Anna,
    Authenticator,
    log_in,
    login_options,
    with_passkey,
)
from tests.support.refusals import Work, shape
from tests.support.service import NOON, Answer, Client, running

MINUTE = timedelta(minutes=1)
STEP_UP = "/v1/session/step-up"
REFUSED = (401, "passkey_refused")


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(
        mongo_url, public_url=ORIGIN, totp_required_from=NOON + timedelta(days=90)
    )
    async with running(Service.AUTH, open_auth, settings) as client:
        yield client


@pytest.fixture
async def anna(auth: Client) -> Anna:
    return await with_passkey(auth)


def claims(tokens: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        tokens["access_token"], TOKEN_KEYS.jwks, algorithms=["EdDSA"]
    ).claims
    return found


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


async def told(auth: Client, after: timedelta) -> list[SignInRefused]:
    auth.now.advance(after)
    async with auth.acting(build) as deps:
        await tell_refusals(deps)
        deps.hasher.close()
    return await auth.heard(SignInRefused)


# --- after the password ---------------------------------------------------------------------------


async def test_after_the_password_a_passkey_is_the_second_step(auth: Client, anna: Anna) -> None:
    challenge = await anna.challenge()
    asked = await login_options(auth, challenge)

    done = await log_in(auth, anna.authenticator.get(asked), challenge)

    (named,) = asked["public_key"]["allowCredentials"]
    assert named["transports"] == ["hybrid", "internal"]
    assert done.status == 200, done.body
    told = claims(done.body)
    assert (told["sub"], told["amr"]) == (anna.id, ["pwd", "mfa", "hwk", "user"])
    assert told["acr"] == "urn:portal:acr:mfa"
    assert told["auth_time"] == int(NOON.timestamp())
    assert (await anna.row())["passkeys"][0]["last_used_at"] == NOON


async def test_the_answer_to_the_password_says_which_factors_there_are(
    auth: Client, anna: Anna
) -> None:
    await add_account(auth, username="bert")
    body = {"username": anna.username, "password": PASSWORD, "tenant": ADMIN.org}

    of_anna = await auth.post("/v1/login", as_=ANYBODY, json=body)
    of_bert = await auth.post("/v1/login", as_=ANYBODY, json={**body, "username": "bert"})

    assert of_anna.body["factors"] == ["passkey", "recovery_code"]
    assert of_bert.body["factors"] == ["totp"]


async def test_after_the_password_a_touch_is_enough(auth: Client) -> None:
    anna = await with_passkey(auth, Authenticator(verifies_user=False, is_synced=True))
    challenge = await anna.challenge()
    asked = await login_options(auth, challenge)

    done = await log_in(auth, anna.authenticator.get(asked), challenge)

    assert done.status == 200
    assert claims(done.body)["amr"] == ["pwd", "mfa", "swk", "user"]


async def test_a_recovery_code_stands_in_for_a_passkey_once(auth: Client, anna: Anna) -> None:
    step = {"challenge": await anna.challenge(), "code": anna.codes[0]}

    done = await auth.post("/v1/login/totp", as_=ANYBODY, json=step)
    again = await auth.post("/v1/login/totp", as_=ANYBODY, json=step)

    assert (done.status, again.status) == (200, 401)
    (told,) = await auth.heard(RecoveryCodeUsed)
    assert told.codes_left == 9


async def test_who_has_no_app_guesses_no_code(auth: Client, anna: Anna) -> None:
    step = {"challenge": await anna.challenge(), "code": "123456"}

    answer = await auth.post("/v1/login/totp", as_=ANYBODY, json=step)

    assert refusal(answer) == (401, "code_refused")


async def test_an_answer_to_one_sign_in_is_none_to_another(auth: Client, anna: Anna) -> None:
    mine, stolen = await anna.challenge(), await anna.challenge()
    given = anna.authenticator.get(await login_options(auth, mine))

    other = await log_in(auth, given, stolen)
    alone = await log_in(auth, given)

    assert [refusal(one) for one in (other, alone)] == [REFUSED] * 2
    assert (await log_in(auth, given, mine)).status == 200


async def test_another_accounts_passkey_is_no_second_step(auth: Client, anna: Anna) -> None:
    bert = await with_passkey(auth, username="bert")
    challenge = await anna.challenge()
    asked = await login_options(auth, challenge)

    answer = await log_in(auth, bert.authenticator.get(asked), challenge)

    assert refusal(answer) == REFUSED


async def test_a_passkey_with_another_accounts_handle_is_no_second_step(
    auth: Client, anna: Anna
) -> None:
    bert = await with_passkey(auth, username="bert")
    challenge = await anna.challenge()
    anna.authenticator.device.user_handle = bert.id.encode()

    given = anna.authenticator.get(await login_options(auth, challenge))

    assert refusal(await log_in(auth, given, challenge)) == REFUSED


async def test_a_password_changed_meanwhile_ends_the_sign_in(auth: Client, anna: Anna) -> None:
    challenge = await anna.challenge()
    given = anna.authenticator.get(await login_options(auth, challenge))
    await anna.set(password_changed_at=NOON + MINUTE)

    assert refusal(await log_in(auth, given, challenge)) == (401, "code_refused")


async def test_an_access_token_is_no_challenge(auth: Client, anna: Anna) -> None:
    tokens = (await anna.alone()).body

    answer = await auth.post(
        "/v1/login/passkey/options", as_=ANYBODY, json={"challenge": tokens["access_token"]}
    )

    assert refusal(answer) == (401, "code_refused")


# --- alone ----------------------------------------------------------------------------------------


async def test_a_passkey_that_verifies_its_user_is_enough_alone(auth: Client, anna: Anna) -> None:
    asked = await login_options(auth)

    done = await log_in(auth, anna.authenticator.get(asked))

    assert asked["public_key"]["allowCredentials"] == []
    assert asked["public_key"]["userVerification"] == "required"
    assert done.status == 200, done.body
    assert done.body["next"] == "done"
    told = claims(done.body)
    assert (told["sub"], told["org"]) == (anna.id, ADMIN.org)
    assert (told["amr"], told["acr"]) == (["mfa", "hwk", "user"], "urn:portal:acr:mfa")


async def test_a_browser_gets_the_refresh_token_as_a_cookie(auth: Client, anna: Anna) -> None:
    given = anna.authenticator.get(await login_options(auth))

    done = await auth.post("/v1/login/passkey", as_=ANYBODY, json={"credential": given})

    assert "refresh_token" not in done.body
    cookies = done.headers.getall("Set-Cookie")
    assert [one.partition("=")[0] for one in cookies] == ["portal_refresh", "portal_device"]


async def test_a_touch_alone_is_not_enough(anna: Anna) -> None:
    anna.authenticator.verifies_user = False

    assert refusal(await anna.alone()) == REFUSED


async def test_the_same_person_in_two_tenants_is_two_accounts(auth: Client, anna: Anna) -> None:
    other = await with_passkey(auth, org="999999.sms")
    asked = await login_options(auth)
    own_handle = other.authenticator.device.user_handle

    here, there = await anna.alone(), await other.alone()
    other.authenticator.device.user_handle = anna.id.encode()
    crossed = await log_in(auth, other.authenticator.get(asked))

    assert own_handle == other.id.encode()
    assert [claims(one.body)["org"] for one in (here, there)] == [ADMIN.org, "999999.sms"]
    assert refusal(crossed) == REFUSED


WAYS: dict[str, dict[str, Any]] = {
    "nobody's handle": {"handle": b"nobody"},
    "no handle": {"handle": None},
    "a handle that is no text": {"handle": b"\xff\xfe"},
    "disabled": {"set": {"status": "disabled"}},
    "only invited": {"set": {"status": "invited"}},
    "no role": {"set": {"roles": []}},
    "passkey removed": {"set": {"passkeys": []}},
}


@pytest.mark.parametrize("why", WAYS)
async def test_every_refusal_looks_the_same(anna: Anna, why: str) -> None:
    plain = await anna.alone(type="webauthn.create")
    way = WAYS[why]
    if "handle" in way:
        anna.authenticator.device.user_handle = way["handle"]
    await anna.set(**way.get("set", {"comment": ""}))

    answer = await anna.alone()

    assert shape(answer) == shape(plain)
    assert refusal(answer) == REFUSED


async def test_every_refusal_costs_the_same_work(
    auth: Client, anna: Anna, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await with_passkey(auth, org="999999.sms")
    forged = anna.authenticator.get(await login_options(auth))
    forged["response"]["signature"] = other.authenticator.get(await login_options(auth))[
        "response"
    ]["signature"]
    unknown = replace(anna.authenticator, device=copy(anna.authenticator.device))
    unknown.device.credential_id = b"of nobody"
    nobody = replace(anna.authenticator, device=copy(anna.authenticator.device))
    nobody.device.user_handle = b"nobody"
    tries = {
        "forged": forged,
        "an unknown passkey": unknown.get(await login_options(auth)),
        "nobody's handle": nobody.get(await login_options(auth)),
        "of a disabled account": other.authenticator.get(await login_options(auth)),
    }
    await other.set(status="disabled")

    costs = {}
    for why, given in tries.items():
        with monkeypatch.context() as patch:
            work, checked = Work(patch), Mock(wraps=verify_authentication_response)
            patch.setattr(f"{relying_party.__name__}.verify_authentication_response", checked)
            assert refusal(await log_in(auth, given, source=a_source())) == REFUSED
        costs[why] = work.done
        assert checked.call_count == 1

    assert costs == dict.fromkeys(tries, costs["forged"])


async def test_a_person_without_a_password_gets_in_by_passkey(auth: Client, anna: Anna) -> None:
    await anna.set(password_hash=None)
    body = {"username": "anna", "password": PASSWORD, "tenant": ADMIN.org}

    by_password = await auth.post("/v1/login", as_=ANYBODY, json=body)

    assert refusal(by_password) == (401, "login_refused")
    assert (await anna.alone()).status == 200


async def test_who_belongs_to_a_closed_organisation_signs_in_with_no_passkey(
    auth: Client, anna: Anna
) -> None:
    challenge = await anna.challenge()
    after, alone = await login_options(auth, challenge), await login_options(auth)
    facts = {"tenant_id": ADMIN.org, "name": "A", "reseller_id": "100001.rsp", "locale": "de"}
    suspended = TenantSuspended(**facts, status="suspended", reason="Bills unpaid")

    await auth.deliver(suspended, sequence=2)
    second = await log_in(auth, anna.authenticator.get(after), challenge)
    only = await log_in(auth, anna.authenticator.get(alone))
    auth.now.advance(MINUTE)
    resumed = TenantResumed(**facts, status="active", reason="Paid")
    await auth.deliver(resumed, sequence=3)
    late = await log_in(auth, anna.authenticator.get(after), challenge)

    assert [refusal(one) for one in (second, late)] == [(401, "code_refused")] * 2
    assert refusal(only) == REFUSED
    assert (await log_in(auth, anna.authenticator.get(await login_options(auth)))).status == 200


# --- forged, replayed and copied ------------------------------------------------------------------


@pytest.mark.parametrize(
    "client_data",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://portal.example.evil.example"},
        {"origin": "http://portal.example"},
        {"crossOrigin": True},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
        {"challenge": 1},
    ],
    ids=str,
)
async def test_what_a_browser_would_tell_elsewhere_is_refused(
    anna: Anna, client_data: dict[str, Any]
) -> None:
    assert refusal(await anna.alone(**client_data)) == REFUSED


async def test_another_relying_partys_answer_is_refused(anna: Anna) -> None:
    anna.authenticator.device.rp_id = "evil.example"

    assert refusal(await anna.alone()) == REFUSED


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
async def test_an_answer_with_a_changed_part_is_refused(
    auth: Client, anna: Anna, part: str
) -> None:
    given = anna.authenticator.get(await login_options(auth))
    other = anna.authenticator.get(await login_options(auth))
    given["response"][part] = other["response"][part]

    assert refusal(await log_in(auth, given)) == REFUSED


async def test_an_answer_is_good_once_also_fifty_times_at_once(auth: Client, anna: Anna) -> None:
    given = anna.authenticator.get(await login_options(auth))

    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(log_in(auth, given, source=a_source())) for _ in range(50)]

    assert sorted(one.result().status for one in sent) == [200] + [401] * 49
    assert await auth.heard(PasskeySuspected) == []


async def test_an_answer_comes_too_late_after_five_minutes(auth: Client, anna: Anna) -> None:
    given = anna.authenticator.get(await login_options(auth))
    auth.now.advance(5 * MINUTE)

    assert refusal(await log_in(auth, given)) == REFUSED


async def test_a_counter_that_has_not_grown_is_refused_and_told(auth: Client, anna: Anna) -> None:
    assert (await anna.alone()).status == 200
    assert (await anna.alone()).status == 200
    anna.authenticator.device.sign_count = 1

    copied = await anna.alone()

    assert refusal(copied) == REFUSED
    (told,) = await auth.heard(PasskeySuspected)
    assert (told.account_id, told.name, told.suspected_at) == (anna.id, "Laptop", NOON)
    assert (await anna.row())["passkeys"][0]["sign_count"] == 2


async def test_two_answers_with_one_counter_are_one_sign_in(auth: Client, anna: Anna) -> None:
    first = anna.authenticator.get(await login_options(auth))
    anna.authenticator.device.sign_count -= 1
    second = anna.authenticator.get(await login_options(auth))

    async with asyncio.TaskGroup() as group:
        sent = [group.create_task(log_in(auth, one)) for one in (first, second)]

    assert sorted(one.result().status for one in sent) == [200, 401]
    assert len(await auth.heard(PasskeySuspected)) == 1


async def test_an_authenticator_without_a_counter_is_no_copy(auth: Client, anna: Anna) -> None:
    for _ in range(2):
        anna.authenticator.device.sign_count = -1
        assert (await anna.alone()).status == 200

    assert await auth.heard(PasskeySuspected) == []


async def test_a_forger_can_not_raise_the_alarm(auth: Client, anna: Anna) -> None:
    await anna.alone()
    forger = Authenticator()
    forger.device.make_key("portal.example", anna.id.encode())
    forger.device.credential_id = anna.authenticator.device.credential_id

    answer = await log_in(auth, forger.get(await login_options(auth)))

    assert refusal(answer) == REFUSED
    assert await auth.heard(PasskeySuspected) == []


async def test_a_source_that_keeps_being_wrong_is_held_back_and_others_are_not(
    anna: Anna,
) -> None:
    source = a_source()
    for _ in range(60):
        await anna.alone(source, type="webauthn.create")

    assert refusal(await anna.alone(source)) == REFUSED
    assert (await anna.alone(a_source())).status == 200


# --- again in a session ---------------------------------------------------------------------------


async def step_up(anna: Anna, tokens: dict[str, Any], **given: Any) -> Answer:
    caller = as_signed_in(tokens)
    asked = await anna.auth.post(f"{STEP_UP}/options", as_=caller)
    assert asked.status == 200, asked.body
    answer = {"passkey": anna.authenticator.get(asked.body), **given}
    return await anna.auth.post(STEP_UP, as_=caller, json=answer)


async def test_a_passkey_shown_again_makes_the_factor_fresh(auth: Client, anna: Anna) -> None:
    tokens = (await anna.alone()).body
    auth.now.advance(11 * MINUTE)

    stale = await auth.post("/v1/me/recovery-codes", as_=as_signed_in(tokens))
    shown = await step_up(anna, tokens)
    done = await auth.post("/v1/me/recovery-codes", as_=as_signed_in(shown.body))

    assert (stale.status, done.status) == (401, 200)
    told = claims(shown.body)
    assert told["amr"] == ["mfa", "hwk", "user"]
    assert told["auth_time"] == int(auth.now().timestamp())


async def test_a_step_up_never_says_that_a_password_was_given(auth: Client, anna: Anna) -> None:
    tokens = (await anna.alone()).body

    shown = await auth.post(STEP_UP, as_=as_signed_in(tokens), json={"code": anna.codes[0]})

    assert claims(shown.body)["amr"] == ["mfa", "kba"]


async def test_without_a_password_a_touch_makes_no_factor_fresh(anna: Anna) -> None:
    tokens = (await anna.alone()).body
    anna.authenticator.verifies_user = False

    assert refusal(await step_up(anna, tokens)) == REFUSED


async def test_another_sessions_answer_makes_no_factor_fresh(auth: Client, anna: Anna) -> None:
    mine, other = (await anna.alone()).body, (await anna.alone()).body
    asked = await auth.post(f"{STEP_UP}/options", as_=as_signed_in(mine))
    given = {"passkey": anna.authenticator.get(asked.body)}

    stolen = await auth.post(STEP_UP, as_=as_signed_in(other), json=given)
    done = await auth.post(STEP_UP, as_=as_signed_in(mine), json=given)
    again = await auth.post(STEP_UP, as_=as_signed_in(mine), json=given)

    assert [one.status for one in (stolen, done, again)] == [401, 200, 401]


async def test_another_accounts_passkey_makes_no_factor_fresh(auth: Client, anna: Anna) -> None:
    bert = await with_passkey(auth, username="bert")
    tokens = (await anna.alone()).body
    anna.authenticator.device, bert.authenticator.device = (
        bert.authenticator.device,
        anna.authenticator.device,
    )

    assert refusal(await step_up(anna, tokens)) == REFUSED


async def test_who_has_no_passkey_is_asked_for_none(auth: Client) -> None:
    await add_account(auth)
    caller = as_signed_in(await sign_in(auth))

    answer = await auth.post(f"{STEP_UP}/options", as_=caller)

    assert refusal(answer) == (409, "totp_not_active")


@pytest.mark.parametrize("given", [{}, {"code": "123456"}], ids=["neither", "both"])
async def test_a_step_up_is_one_of_the_two(auth: Client, anna: Anna, given: dict[str, Any]) -> None:
    tokens = (await anna.alone()).body
    caller = as_signed_in(tokens)

    if given:
        answer = await step_up(anna, tokens, **given)
    else:
        answer = await auth.post(STEP_UP, as_=caller, json={})

    assert refusal(answer) == (422, "invalid")


# --- what is told of refusals ---------------------------------------------------------------------


async def test_refused_passkeys_are_told_as_refused_sign_ins_of_their_account(
    auth: Client, anna: Anna
) -> None:
    challenge = await anna.challenge()
    asked = await login_options(auth, challenge)
    forged = anna.authenticator.get(asked, type="webauthn.create")
    assert refusal(await log_in(auth, forged, challenge)) == REFUSED
    anna.authenticator.verifies_user = False
    assert refusal(await anna.alone()) == REFUSED

    (refused,) = await told(auth, MINUTE)

    assert (refused.account_id, refused.org) == (anna.id, ADMIN.org)
    assert (refused.method, refused.count) == ("passkey", 2)


async def test_passkeys_of_nobody_are_counted_together_at_the_vendor(
    auth: Client, anna: Anna
) -> None:
    anna.authenticator.device.user_handle = b"nobody"
    for _ in range(3):
        assert refusal(await anna.alone()) == REFUSED

    (refused,) = await told(auth, timedelta(hours=1))

    assert (refused.account_id, refused.org) == (None, "vendor")
    assert (refused.method, refused.count) == ("passkey", 3)
