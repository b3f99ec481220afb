"""Every refused sign-in is the same: status, body, headers, and the work that it costs."""

from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import pytest

from services.auth.app import open_auth
from shared.clock import monotonic
from shared.contracts.events import CloudEvent, Service
from tests.support.auth import ADMIN, ANYBODY, PASSWORD, add_account, auth_settings
from tests.support.guessing import WRONG, Guesser, a_source
from tests.support.refusals import Work, shape
from tests.support.service import Client, running

FREE = 3
LOCKED = "locked"
REFUSALS = {
    "unknown tenant": {"org": "999999.sms", "password": PASSWORD},
    "unknown user": {"username": "nobody", "password": PASSWORD},
    "wrong password": {"password": WRONG},
    "no role": {"username": "holder", "password": PASSWORD},
    "disabled": {"username": "disabled", "password": PASSWORD},
    "invited": {"username": "invited", "password": PASSWORD},
    "locked, right password": {"username": LOCKED, "password": PASSWORD},
    "locked, wrong password": {"username": LOCKED, "password": WRONG},
    "no organisation at all": {"org": "anything", "password": PASSWORD},
}


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    settings = auth_settings(mongo_url, throttle_account_failures=FREE, slowest_hash=0.4)
    async with running(Service.AUTH, open_auth, settings) as client:
        await add_account(client)
        await add_account(client, username=LOCKED)
        await add_account(client, username="holder", roles=())
        for status in ("disabled", "invited"):
            await add_account(client, username=status)
            change: dict[str, Any] = {"status": status}
            if status == "invited":
                change["password_hash"] = None
            rows = client.mongo.collection("accounts")
            await rows.update({"username": status}, {"$set": change})
        await Guesser(client).passwords(FREE + 1, username=LOCKED)
        yield client


@pytest.mark.parametrize("why", REFUSALS)
async def test_status_body_and_headers_tell_nothing(auth: Client, why: str) -> None:
    plain = shape(await Guesser(auth).password(WRONG, username="somebody else"))

    refused = shape(await Guesser(auth).password(**REFUSALS[why]))

    assert refused == plain
    assert refused[0] == 401


async def test_every_refusal_costs_the_same_work(
    auth: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = {}
    for why, given in REFUSALS.items():
        with monkeypatch.context() as patch:
            work = Work(patch)
            await Guesser(auth).password(**given)
        costs[why] = work.done

    assert costs == dict.fromkeys(REFUSALS, costs["wrong password"])
    assert costs["wrong password"]["hasher.verify"] == 1
    assert costs["wrong password"]["attempts.update"] == 3


async def test_a_source_that_is_held_back_costs_the_same_work(
    auth: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    guesser = Guesser(auth)
    with monkeypatch.context() as patch:
        free = Work(patch)
        await guesser.password()
    for number in range(60):
        await guesser.password(username=f"user-{number}", org="200001.sms")

    with monkeypatch.context() as patch:
        held_back = Work(patch)
        await guesser.password()

    assert held_back.done == free.done


async def test_a_forgotten_password_is_reported_with_the_same_work_whoever_it_is(
    auth: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def follow_up_later(_: CloudEvent) -> None:
        """What follows on a report follows after its answer, and is no part of it."""

    auth.hub.readers[Service.AUTH] = follow_up_later
    costs = []
    for username, org in [
        (ADMIN.username, ADMIN.org),
        ("nobody", ADMIN.org),
        ("disabled", ADMIN.org),
        ("anna", "999999.sms"),
        ("anna", None),
    ]:
        body = {"username": username, **({"tenant": org} if org else {})}
        headers = {"X-Forwarded-For": a_source()}
        with monkeypatch.context() as patch:
            work = Work(patch)
            answer = await auth.post("/v1/password/forgot", as_=ANYBODY, json=body, headers=headers)
        assert answer.status == 202
        costs.append(work.done)

    assert costs == [costs[0]] * 5
    assert {name.partition(".")[0] for name in costs[0]} == {"attempts"}


async def seconds_of(auth: Client, **given: Any) -> float:
    begun = monotonic()
    assert (await Guesser(auth).password(**given)).status == 401
    return monotonic() - begun


async def test_while_imported_hashes_remain_no_refusal_is_quicker_than_they_are(
    auth: Client,
) -> None:
    before = await seconds_of(auth, username="nobody")
    imported = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    await add_account(auth, username="imported", password=None, password_hash=imported)

    slow = await seconds_of(auth, username="imported")
    others = [await seconds_of(auth, **given) for given in REFUSALS.values()]
    assert (await Guesser(auth).password(PASSWORD, username="imported")).status == 200
    after = await seconds_of(auth, username="nobody")

    assert max(before, after) < 0.3
    assert all(0.4 <= one < 0.6 for one in [slow, *others])


async def test_the_answer_to_a_right_password_of_a_known_account_is_not_delayed(
    auth: Client,
) -> None:
    imported = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    await add_account(auth, username="imported", password=None, password_hash=imported)

    begun = monotonic()
    answer = await Guesser(auth).password(PASSWORD, username=ADMIN.username)

    assert answer.status == 200
    assert monotonic() - begun < 0.3
