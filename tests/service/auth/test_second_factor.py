"""A second factor from its activation on: shown once, taken once, within one step either side."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from services.auth.app import open_auth
from shared.contracts.auth import RecoveryCodeUsed, TotpActivated
from shared.contracts.events import Service
from shared.contracts.tenancy import TenantResumed, TenantSuspended
from shared.passes import Pass
from shared.tokens import ENROLMENT_HEADER
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    PASSWORD,
    TOTP_SECRET,
    add_account,
    as_enrolling,
    as_signed_in,
    auth_settings,
    code_now,
    sign_in,
)
from tests.support.service import NOON, Answer, Client, running

STEP = timedelta(seconds=30)
LOGIN = {"username": "anna", "password": PASSWORD, "tenant": ADMIN.org, "transport": "body"}


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """Auth with `anna`, who has a second factor, and `bert`, who has none and needs one."""
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        await add_account(client)
        await add_account(client, username="bert", email="bert@example.org", totp_secret=None)
        yield client


async def enrolling(auth: Client) -> tuple[Pass, dict[str, str]]:
    """Bert at the sign-in, where he is asked to activate; his half-open pass and its header."""
    row = await auth.mongo.collection("accounts").find_one({"username": "bert"})
    assert row is not None
    first = await auth.post("/v1/login", as_=ANYBODY, json={**LOGIN, "username": "bert"})
    assert first.body["next"] == "enrol_totp"
    return as_enrolling(row["_id"]), {ENROLMENT_HEADER: first.body["challenge"]}


async def give(auth: Client, code: str) -> Answer:
    challenge = (await auth.post("/v1/login", as_=ANYBODY, json=LOGIN)).body["challenge"]
    step = {"challenge": challenge, "code": code}
    return await auth.post("/v1/login/totp", as_=ANYBODY, json=step)


async def test_what_an_app_needs_is_160_bits_in_text_and_picture(auth: Client) -> None:
    bert, header = await enrolling(auth)

    offer = await auth.post("/v1/me/totp", as_=bert, headers=header)
    other = await auth.post("/v1/me/totp", as_=bert, headers=header)

    uri = urlsplit(offer.body["otpauth_uri"])
    asked = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Mobile Security Portal:bert (123456.sms)"
    assert asked == {"secret": offer.body["secret"], "issuer": "Mobile Security Portal"}
    assert len(pyotp.TOTP(offer.body["secret"]).byte_secret()) * 8 == 160
    assert offer.body["qr_svg"].startswith("<svg")
    assert other.body["secret"] != offer.body["secret"]


async def test_an_activation_begun_before_a_suspension_ends_in_nothing_after_it(
    auth: Client,
) -> None:
    bert, header = await enrolling(auth)
    secret = (await auth.post("/v1/me/totp", as_=bert, headers=header)).body["secret"]
    facts = {"tenant_id": ADMIN.org, "name": "A", "reseller_id": "100001.rsp", "locale": "de"}

    suspended = TenantSuspended(**facts, status="suspended", reason="Bills unpaid")
    await auth.deliver(suspended, sequence=2)
    auth.now.advance(STEP)
    await auth.deliver(TenantResumed(**facts, status="active", reason="Paid"), sequence=3)
    code = {"code": code_now(auth, secret)}
    old = await auth.post("/v1/me/totp/confirm", as_=bert, json=code, headers=header)
    _, fresh = await enrolling(auth)
    again = await auth.post("/v1/me/totp", as_=bert, headers=fresh)

    assert (old.status, old.body["code"], again.status) == (401, "code_refused", 200)


async def test_activation_at_the_sign_in_ends_in_a_session_and_ten_codes_shown_once(
    auth: Client,
) -> None:
    bert, header = await enrolling(auth)
    secret = (await auth.post("/v1/me/totp", as_=bert, headers=header)).body["secret"]

    wrong = await auth.post(
        "/v1/me/totp/confirm", as_=bert, headers=header, json={"code": code_now(auth, TOTP_SECRET)}
    )
    code = {"code": code_now(auth, secret)}
    done = await auth.post("/v1/me/totp/confirm", as_=bert, headers=header, json=code)
    replayed = await auth.post("/v1/me/totp/confirm", as_=bert, headers=header, json=code)
    offered = await auth.post("/v1/me/totp", as_=bert, headers=header)

    codes = done.body["recovery_codes"]
    me = await auth.get("/v1/me", as_=as_signed_in(done.body))
    row = await auth.mongo.collection("accounts").find_one({"username": "bert"})
    assert (wrong.status, done.status, done.body["next"]) == (401, 200, "done")
    assert len(set(codes)) == 10
    assert me.body["totp"] == {
        "active": True,
        "activated_at": NOON.isoformat().replace("+00:00", "Z"),
        "recovery_codes_left": 10,
    }
    assert {(one.status, one.body["code"]) for one in (replayed, offered)} == {
        (409, "totp_already_active")
    }
    kept: Any = str(row)
    assert secret not in kept
    assert not any(one in kept or one.replace("-", "") in kept for one in codes)
    assert len(await auth.heard(TotpActivated)) == 1


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_code_is_good_one_step_either_side_and_no_further(
    auth: Client, steps: int, status: int
) -> None:
    code = pyotp.TOTP(TOTP_SECRET).at(auth.now() + steps * STEP)

    assert (await give(auth, code)).status == status


async def test_after_a_later_code_an_earlier_one_is_good_no_more(auth: Client) -> None:
    early, late = (pyotp.TOTP(TOTP_SECRET).at(auth.now() + n * STEP) for n in (0, 1))

    first, replayed, earlier = (
        await give(auth, late),
        await give(auth, late),
        await give(auth, early),
    )

    assert (first.status, replayed.status, earlier.status) == (200, 401, 401)


async def test_a_recovery_code_opens_once_counts_down_and_is_told_each_time(auth: Client) -> None:
    bert, header = await enrolling(auth)
    secret = (await auth.post("/v1/me/totp", as_=bert, headers=header)).body["secret"]
    code = {"code": code_now(auth, secret)}
    done = await auth.post("/v1/me/totp/confirm", as_=bert, headers=header, json=code)
    codes = done.body["recovery_codes"]
    login = {**LOGIN, "username": "bert"}
    statuses = []

    for one in (codes[0], codes[0], codes[1]):
        challenge = (await auth.post("/v1/login", as_=ANYBODY, json=login)).body["challenge"]
        step = {"challenge": challenge, "code": one}
        statuses.append((await auth.post("/v1/login/totp", as_=ANYBODY, json=step)).status)

    me = await auth.get("/v1/me", as_=as_signed_in(done.body))
    assert statuses == [200, 401, 200]
    assert me.body["totp"]["recovery_codes_left"] == 8
    assert [used.codes_left for used in await auth.heard(RecoveryCodeUsed)] == [9, 8]


async def test_accounts_of_one_name_in_two_tenants_have_nothing_to_do_with_each_other(
    auth: Client,
) -> None:
    other = "another secret of another Anna"
    await add_account(auth, org="200001.sms", totp_secret=None, password=other)
    there = {**LOGIN, "tenant": " 200001.SMS ", "password": other}
    mine = as_signed_in(await sign_in(auth))

    with_mine = await auth.post("/v1/login", as_=ANYBODY, json={**there, "password": PASSWORD})
    with_theirs = await auth.post("/v1/login", as_=ANYBODY, json={**LOGIN, "password": other})
    for _ in range(8):
        await auth.post("/v1/login", as_=ANYBODY, json={**there, "password": "x"})
    held_back = await auth.post("/v1/login", as_=ANYBODY, json=there)
    still = await auth.post("/v1/login", as_=ANYBODY, json=LOGIN)
    auth.now.advance(timedelta(minutes=30))
    later = await auth.post("/v1/login", as_=ANYBODY, json=there)

    assert (with_mine.status, with_theirs.status, held_back.status) == (401, 401, 401)
    assert (still.body["next"], later.body["next"]) == ("totp", "enrol_totp")
    assert (await auth.get("/v1/me", as_=mine)).body["org"] == ADMIN.org
