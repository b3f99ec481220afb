"""A lost second factor: asked for by an admin, announced, stoppable, carried out once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.auth.actions import lost_factor
from services.auth.actions.lost_factor import finish_resets
from services.auth.app import build, open_auth
from services.auth.deps import Deps
from services.auth.domain.accounts import RSP
from services.auth.domain.factor_resets import FactorReset
from shared.access import Permission, Relation, Role, permissions
from shared.contracts.auth import (
    SessionRevoked,
    TotpRemoved,
    TotpResetAsked,
    TotpResetDone,
    TotpResetStopped,
)
from shared.contracts.events import Event, Service
from shared.keys import unlock
from shared.passes import Pass
from tests.support.auth import (
    ADMIN,
    ANYBODY,
    MAILER_KEYS,
    PASSWORD,
    TOTP_SECRET,
    add_account,
    as_signed_in,
    auth_settings,
    sign_in,
)
from tests.support.service import NOON, Answer, Client, FixedClock, a_pass, running

DAY = timedelta(days=1)
GATEWAY = a_pass("gateway", subject="gateway", session="", org="")
MANAGER = a_pass(
    ADMIN.org, *permissions([Role.ADMIN], Relation.OWN), factor_at=int(NOON.timestamp())
)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    """Auth with `anna`, who has a second factor."""
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        await add_account(client)
        yield client


async def id_of(auth: Client, username: str = "anna") -> str:
    row = await auth.mongo.collection("accounts").find_one({"username": username})
    assert row is not None
    return str(row["_id"])


async def ask(auth: Client, uid: str, reason: str = "Phone lost", as_: Pass = MANAGER) -> Answer:
    as_ = replace(as_, factor_at=as_.factor_at and int(auth.now().timestamp()))
    path = f"/v1/tenants/123456.sms/users/{uid}/reset-totp"
    return await auth.post(path, as_=as_, json={"reason": reason})


async def stop(auth: Client, token: str) -> Answer:
    return await auth.post("/v1/me/totp/reset/stop", as_=ANYBODY, json={"token": token})


async def mailed_token(auth: Client) -> str:
    asked = (await auth.heard(TotpResetAsked))[-1]
    assert asked.sealed_token is not None
    return unlock(MAILER_KEYS, f"link:{asked.account_id}", asked.sealed_token)


async def wait_until_ended(auth: Client) -> list[str]:
    """The states of all resets, once none waits that is due."""
    rows = auth.mongo.collection("factor_resets")
    async with asyncio.timeout(5):
        while await rows.count({"state": "waiting", "due_at": {"$lte": auth.now()}}):
            await asyncio.sleep(0.02)
    return [row["state"] for row in await rows.find({}, sort=[("asked_at", 1)])]


async def next_step(auth: Client) -> str:
    login = {"username": "anna", "password": PASSWORD, "tenant": ADMIN.org}
    return str((await auth.post("/v1/login", as_=ANYBODY, json=login)).body["next"])


async def test_a_reset_waits_and_its_owner_is_told_at_once(auth: Client) -> None:
    uid = await id_of(auth)

    answer = await ask(auth, uid)

    (asked,) = await auth.heard(TotpResetAsked)
    assert answer.status == 202
    assert answer.body["due_at"] == "2026-03-11T12:00:00Z"
    assert (asked.email, asked.reason, asked.due_at) == (ADMIN.email, "Phone lost", NOON + DAY)
    auth.now.advance(DAY - timedelta(seconds=1))
    assert await wait_until_ended(auth) == ["waiting"]
    assert await next_step(auth) == "totp"


async def test_after_the_wait_the_factor_is_off_sessions_end_and_its_owner_is_told(
    auth: Client,
) -> None:
    auth.now.advance(DAY)
    session = as_signed_in(await sign_in(auth)).session
    await ask(auth, await id_of(auth))
    auth.now.advance(timedelta(hours=24))
    later = as_signed_in(await sign_in(auth)).session

    states = await wait_until_ended(auth)

    assert states == ["done"]
    assert await next_step(auth) == "enrol_totp"
    assert len(await auth.heard(TotpRemoved)) == 1
    assert [gone.session_id for gone in await auth.heard(SessionRevoked)] == [later]
    for one in (session, later):
        assert (await auth.get(f"/internal/sessions/{one}", as_=GATEWAY)).status == 404


async def test_what_follows_names_who_asked_and_why(auth: Client) -> None:
    uid = await id_of(auth)
    asked = await ask(auth, uid)
    auth.now.advance(DAY)
    await wait_until_ended(auth)

    kinds: list[type[Event]] = [TotpResetAsked, TotpRemoved, TotpResetDone]
    for kind in kinds:
        (told,) = await auth.envelopes(kind)
        assert (told.subject, told.tenantid) == (uid, ADMIN.org)
        assert (told.actor, told.actororg) == (MANAGER.subject, ADMIN.org)
        assert told.correlationid == asked.headers["X-Request-Id"]
        assert told.data["reason"] == "Phone lost"


async def test_the_link_stops_it_once(auth: Client) -> None:
    uid = await id_of(auth)
    await ask(auth, uid)
    token = await mailed_token(auth)

    stopped, again = await stop(auth, token), await stop(auth, token)
    auth.now.advance(2 * DAY)

    assert (stopped.status, again.status, again.body["code"]) == (204, 400, "link_invalid")
    assert await wait_until_ended(auth) == ["stopped"]
    assert await next_step(auth) == "totp"
    (told,) = await auth.envelopes(TotpResetStopped)
    assert (told.subject, told.actor, told.data["reason"]) == (uid, uid, "Phone lost")
    assert await auth.heard(TotpRemoved) == []


async def test_a_link_that_comes_too_late_or_from_nowhere_stops_nothing(auth: Client) -> None:
    await ask(auth, await id_of(auth))
    token = await mailed_token(auth)
    auth.now.advance(DAY)
    await wait_until_ended(auth)

    late, foreign = await stop(auth, token), await stop(auth, "x" * 43)

    assert [(one.status, one.body["code"]) for one in (late, foreign)] == [
        (409, "totp_reset_done"),
        (400, "link_invalid"),
    ]


async def test_fifty_presses_at_once_stop_it_once(auth: Client) -> None:
    await ask(auth, await id_of(auth))
    token = await mailed_token(auth)

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(stop(auth, token)) for _ in range(50)]

    assert sorted(one.result().status for one in tries) == [204] + [400] * 49
    assert len(await auth.heard(TotpResetStopped)) == 1


async def test_one_waits_at_a_time_also_of_two_at_once(auth: Client) -> None:
    uid = await id_of(auth)

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(ask(auth, uid)) for _ in range(5)]
    codes = [one.result().body.get("code") for one in tries]
    await stop(auth, await mailed_token(auth))
    after = await ask(auth, uid)

    assert sorted(filter(None, codes)) == ["totp_reset_waiting"] * 4
    assert after.status == 202


async def test_two_replicas_carry_it_out_once(mongo_url: str) -> None:
    settings, clock = auth_settings(mongo_url), FixedClock()
    async with (
        running(Service.AUTH, open_auth, settings, clock) as one,
        running(Service.AUTH, open_auth, settings, clock) as two,
    ):
        usernames = [f"user-{number}" for number in range(6)]
        for username in usernames:
            await add_account(one, username=username)
            await ask(one, await id_of(one, username))
        clock.advance(DAY)
        async with one.acting(build) as here, two.acting(build) as there:
            async with asyncio.TaskGroup() as group:
                for deps in [here, there] * 3:
                    group.create_task(finish_resets(deps))
            for deps in (here, there):
                deps.hasher.close()

        assert await wait_until_ended(one) == ["done"] * 6
        told = [*await one.envelopes(TotpRemoved), *await two.envelopes(TotpRemoved)]
        assert len({event.id for event in told}) == len({event.subject for event in told}) == 6


async def test_stopping_and_carrying_out_at_the_same_instant_never_both_happen(
    auth: Client,
) -> None:
    for number in range(5):
        username = f"user-{number}"
        await add_account(auth, username=username)
        await ask(auth, await id_of(auth, username))
        token = await mailed_token(auth)
        auth.now.advance(DAY)
        async with auth.acting(build) as deps:
            async with asyncio.TaskGroup() as group:
                group.create_task(finish_resets(deps))
                stopping = group.create_task(stop(auth, token))
            deps.hasher.close()
        row = await auth.mongo.collection("accounts").find_one({"username": username})
        assert row is not None
        assert (row["totp"] is not None) is (stopping.result().status == 204)

    ended = len(await auth.heard(TotpRemoved)) + len(await auth.heard(TotpResetStopped))
    assert ended == 5


async def test_a_factor_that_was_given_up_and_made_anew_meanwhile_stays(auth: Client) -> None:
    uid = await id_of(auth)
    await ask(auth, uid)
    auth.now.advance(timedelta(hours=1))
    rows = auth.mongo.collection("accounts")
    await rows.update({"_id": uid}, {"$set": {"totp.activated_at": auth.now()}})
    auth.now.advance(DAY)

    states = await wait_until_ended(auth)

    assert states == ["void"]
    assert await next_step(auth) == "totp"


async def test_an_account_that_is_gone_when_its_time_comes_harms_nothing(auth: Client) -> None:
    uid = await id_of(auth)
    await ask(auth, uid)
    await auth.mongo.collection("accounts").delete_many({"_id": uid})
    auth.now.advance(DAY)

    assert await wait_until_ended(auth) == ["void"]


async def test_without_a_wait_it_is_done_at_once_and_the_link_says_so(mongo_url: str) -> None:
    settings = auth_settings(mongo_url, totp_reset_wait=timedelta(0))
    async with running(Service.AUTH, open_auth, settings) as auth:
        await add_account(auth)
        await ask(auth, await id_of(auth))

        assert await wait_until_ended(auth) == ["done"]
        answer = await stop(auth, await mailed_token(auth))
        assert (answer.status, answer.body["code"]) == (409, "totp_reset_done")
        assert await auth.heard(TotpResetStopped) == []


async def test_a_foreign_account_is_the_same_404_as_none(auth: Client) -> None:
    foreign = await add_account(auth, username="bert", org="999999.sms")

    of_another, of_nobody = await ask(auth, foreign), await ask(auth, "nobody")

    assert (of_another.status, of_nobody.status) == (404, 404)
    assert await auth.heard(TotpResetAsked) == []


async def test_who_has_no_factor_or_one_elsewhere_gets_a_reason(auth: Client) -> None:
    bare = await add_account(auth, username="bert", totp_secret=None)
    rsp = await add_account(auth, username="carla")
    await auth.mongo.collection("accounts").update({"_id": rsp}, {"$set": {"label": RSP}})

    without, elsewhere = await ask(auth, bare), await ask(auth, rsp)

    assert (without.status, without.body["code"]) == (409, "totp_not_active")
    assert (elsewhere.status, elsewhere.body["code"]) == (409, "managed_elsewhere")
    assert elsewhere.body["url"] == "https://reseller-portal.example"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"factor_at": None}, 401, "insufficient_user_authentication"),
        ({"permissions": frozenset({Permission.USER_READ})}, 403, "forbidden"),
        ({"permissions": frozenset({Permission.USER_MANAGE})}, 403, "grant_too_high"),
        ({"place": "999999.sms"}, 401, "pass_required"),
    ],
    ids=["no fresh factor", "may only read", "holds less than the account", "another place"],
)
async def test_who_may_not_ask_is_refused(
    auth: Client, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await ask(auth, await id_of(auth), as_=replace(MANAGER, **changes))

    assert (answer.status, answer.body["code"]) == (status, code)
    assert await auth.heard(TotpResetAsked) == []


async def test_a_resellers_staff_is_reset_under_the_resellers_path(auth: Client) -> None:
    rita = await add_account(auth, username="rita", org="100001.rsp", roles=(Role.RESELLER_ADMIN,))
    held = permissions([Role.RESELLER_ADMIN], Relation.OWN)
    admin = a_pass("100001.rsp", *held, factor_at=int(NOON.timestamp()))

    answer = await auth.post(
        f"/v1/resellers/100001.rsp/users/{rita}/reset-totp", as_=admin, json={"reason": "Lost"}
    )

    assert answer.status == 202
    (told,) = await auth.envelopes(TotpResetAsked)
    assert (told.resellerid, told.tenantid) == ("100001.rsp", None)


@pytest.mark.parametrize(
    "reason", ["", "   ", "x" * 501, "line\nbreak", "\x00", {"$ne": ""}, None], ids=repr
)
async def test_a_reset_wants_a_reason_that_can_be_read(auth: Client, reason: Any) -> None:
    answer = await ask(auth, await id_of(auth), reason)

    assert (answer.status, answer.body["code"]) == (422, "invalid")


async def test_neither_token_nor_secret_is_kept_or_told_in_the_open(auth: Client) -> None:
    await ask(auth, await id_of(auth))
    token = await mailed_token(auth)

    database = auth.mongo._database
    kept = [
        str(await database[name].find().to_list(None))
        for name in await database.list_collection_names()
    ]
    told = [str(event) for event in auth.published]

    assert token not in f"{kept}{told}"
    assert TOTP_SECRET not in f"{kept}{told}"


async def test_one_that_cant_be_carried_out_keeps_no_other_one_waiting(
    auth: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea = await add_account(auth, username="bea")
    broken = (await ask(auth, await id_of(auth))).body["id"]
    whole = lost_factor._finish

    async def finish(deps: Deps, reset: FactorReset) -> None:
        if reset.id == broken:
            raise LookupError(reset.id)
        await whole(deps, reset)

    monkeypatch.setattr(lost_factor, "_finish", finish)
    auth.now.advance(timedelta(minutes=1))
    await ask(auth, bea)
    auth.now.advance(2 * DAY)

    async with auth.acting(build) as deps:
        await lost_factor.finish_resets(deps)
        rows = await auth.mongo.collection("factor_resets").find({}, sort=[("asked_at", 1)])
        monkeypatch.undo()
        await lost_factor.finish_resets(deps)
        deps.hasher.close()

    assert [row["state"] for row in rows] == ["waiting", "done"]
    assert await wait_until_ended(auth) == ["done", "done"]
