"""The desk for dead letters, at every service that reads events."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from pydantic import ValidationError

from services.mailer.app import open_mailer
from services.mailer.settings import MailerSettings
from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.auth import AccountDisabled, AccountRecorded
from shared.contracts.events import CloudEvent, Event, Service
from shared.contracts.operations import DeadLetterDropped, DeadLetterEdited, DeadLetterReplayed
from shared.contracts.tenancy import TenantCreated
from shared.dead_letters import cause_of
from shared.ids import new_id
from tests.service.shared.services import SERVICES
from tests.support.mailer import MAILER_KEYS
from tests.support.service import NOON, Answer, Client, a_pass, running, settings_of

CHIEF: Final = a_pass("vendor", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR])
FRESH: Final = replace(CHIEF, factor_at=int(NOON.timestamp()))
BASE: Final = "/v1/vendor/dead-letters/mailer"
TENANT: Final = {
    "tenant_id": "123456.sms",
    "name": "Acme",
    "reseller_id": "100001.rsp",
    "locale": "de",
}
GONE: Final = {"account_id": "a-1", "org": "123456.sms"}
LETTER_OF: Final = {
    Service.AUTH: "/v1/vendor/dead-letters/auth/{}",
    Service.LICENSING: "/v1/vendor/dead-letters/licensing/{}",
    Service.MAILER: "/v1/vendor/dead-letters/mailer/{}",
    Service.TENANCY: "/v1/vendor/dead-letters/tenancy/{}",
}
LETTERS_OF: Final = {
    Service.AUTH: "/v1/vendor/dead-letters/auth",
    Service.LICENSING: "/v1/vendor/dead-letters/licensing",
    Service.MAILER: "/v1/vendor/dead-letters/mailer",
    Service.TENANCY: "/v1/vendor/dead-letters/tenancy",
}
READ_BY: Final[dict[Service, tuple[type[Event], dict[str, Any]]]] = {
    Service.AUTH: (TenantCreated, TENANT),
    Service.LICENSING: (TenantCreated, TENANT),
    Service.MAILER: (TenantCreated, TENANT),
    Service.TENANCY: (AccountDisabled, GONE),
}
"""An event that the service reads, and a body that fits it."""


@pytest.fixture(params=SERVICES, ids=str)
async def service(request: pytest.FixtureRequest, mongo_url: str) -> AsyncIterator[Client]:
    async with SERVICES[request.param](mongo_url) as client:
        yield client


@pytest.fixture
async def mailer(mongo_url: str) -> AsyncIterator[Client]:
    async with SERVICES[Service.MAILER](mongo_url) as client:
        yield client


async def a_letter(
    client: Client, kind: str, data: dict[str, Any], subject: str, tenant: str = "123456.sms"
) -> str:
    """The id of an event that its reader has parked, as it does not fit its contract."""
    event = CloudEvent(
        id=new_id(),
        source="/portal/test",
        type=kind,
        subject=subject,
        time=client.now(),
        sequence=3,
        tenantid=tenant,
        data=data,
    )
    await hand_over(client, event)
    return event.id


async def hand_over(client: Client, event: CloudEvent) -> None:
    async def in_a_context_of_its_own() -> None:
        await client.hub.readers[client.service](event)

    await asyncio.create_task(in_a_context_of_its_own())


async def a_broken_tenant(mailer: Client, tenant: str = "123456.sms") -> str:
    lacks_locale = {**TENANT, "tenant_id": tenant}
    del lacks_locale["locale"]
    return await a_letter(mailer, TenantCreated.type, lacks_locale, tenant, tenant)


async def an_unknown(mailer: Client) -> str:
    return await a_letter(mailer, "portal.auth.nobody.read.v1", {}, "a-1")


async def edit(client: Client, key: str, data: Any, version: int = 1, as_: Any = FRESH) -> Answer:
    path = LETTER_OF[client.service].format(key)
    headers = {"If-Match": f'"{version}"'}
    return await client.patch(path, as_=as_, json={"data": data}, headers=headers)


async def outcomes(mailer: Client, what: str, **body: Any) -> dict[str, str]:
    done = await mailer.post(f"{BASE}/{what}", as_=CHIEF, json=body)
    assert done.status == 200, done.body
    return {one["id"]: one["outcome"] for one in done.body["items"]}


async def kept(client: Client) -> set[str]:
    return {row["_id"] for row in await client.mongo.collection("dead_letters").find({})}


async def until_handled(client: Client, key: str) -> None:
    async with asyncio.timeout(10):
        while not await client.mongo.collection("inbox").count({"_id": key}):
            await asyncio.sleep(0.02)


async def test_a_letter_is_found_mended_and_handled_at_every_service(service: Client) -> None:
    base = LETTERS_OF[service.service]
    kind, data = READ_BY[service.service]
    broken = dict(list(data.items())[:1])
    key = await a_letter(service, kind.type, broken, data[kind.about])

    listed = await service.get(base, as_=CHIEF)
    causes = await service.get(f"{base}/causes", as_=CHIEF)
    one = await service.get(LETTER_OF[service.service].format(key), as_=CHIEF)
    unfit = await service.post(f"{base}/replay", as_=CHIEF, json={"ids": [key]})
    edited = await edit(service, key, data)
    replayed = await service.post(f"{base}/replay", as_=CHIEF, json={"ids": [key]})
    await until_handled(service, key)
    dropped = await service.post(f"{base}/drop", as_=CHIEF, json={"ids": [key]})

    assert [letter["id"] for letter in listed.body["items"]] == [key]
    assert [cause["count"] for cause in causes.body["items"]] == [1]
    assert (one.body["event"]["data"], one.body["fits"]) == (broken, False)
    assert one.body["flaws"][0]["pointer"].startswith("#/data/")
    assert unfit.body["items"] == [{"id": key, "outcome": "unfit"}]
    assert (edited.body["event"]["data"], edited.body["fits"]) == (data, True)
    assert replayed.body == {"items": [{"id": key, "outcome": "replayed"}], "left": 0}
    assert dropped.body["items"] == [{"id": key, "outcome": "handled"}]
    assert await kept(service) == set()


async def test_each_act_is_told_to_the_activity_with_who_did_it(mailer: Client) -> None:
    mended, dropped = await a_broken_tenant(mailer), await an_unknown(mailer)

    await edit(mailer, mended, TENANT)
    await outcomes(mailer, "replay", ids=[mended])
    await outcomes(mailer, "drop", ids=[dropped])

    [edited] = await mailer.heard(DeadLetterEdited)
    [replayed] = await mailer.heard(DeadLetterReplayed)
    [gone] = await mailer.heard(DeadLetterDropped)
    assert (edited.letter_id, edited.fields, edited.service) == (mended, ["locale"], "mailer")
    assert (replayed.letter_id, replayed.event_type) == (mended, TenantCreated.type)
    assert (gone.letter_id, gone.event_type) == (dropped, "portal.auth.nobody.read.v1")
    for kind in (DeadLetterEdited, DeadLetterReplayed, DeadLetterDropped):
        [envelope] = await mailer.envelopes(kind)
        assert (envelope.actor, envelope.actororg) == ("account-1", "vendor")


async def test_fifty_replays_at_once_have_one_effect(mailer: Client) -> None:
    key = await a_broken_tenant(mailer)
    await edit(mailer, key, TENANT)

    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(outcomes(mailer, "replay", ids=[key])) for _ in range(50)]
    await until_handled(mailer, key)
    late = await outcomes(mailer, "replay", ids=[key])

    found = [call.result()[key] for call in calls]
    assert found.count("replayed") == 1
    assert set(found) <= {"replayed", "under_way", "handled"}
    assert late == {key: "handled"}
    assert len(await mailer.heard(DeadLetterReplayed)) == 1
    assert await mailer.mongo.collection("retries").count({}) == 0
    assert await kept(mailer) == set()


async def test_a_dry_run_says_what_would_become_of_them_and_does_nothing(mailer: Client) -> None:
    fits, unfit = await a_broken_tenant(mailer), await a_broken_tenant(mailer, "200001.sms")
    await edit(mailer, fits, TENANT)

    replay = await outcomes(mailer, "replay", type=TenantCreated.type, dry_run=True)
    drop = await outcomes(mailer, "drop", ids=[fits, "never-seen"], dry_run=True)

    assert replay == {fits: "replayed", unfit: "unfit"}
    assert drop == {fits: "dropped", "never-seen": "gone"}
    assert await kept(mailer) == {fits, unfit}
    assert await mailer.mongo.collection("retries").count({}) == 0
    assert await mailer.heard(DeadLetterReplayed) == []
    assert await mailer.heard(DeadLetterDropped) == []


async def test_letters_are_found_by_tenant_type_and_cause(mailer: Client) -> None:
    acme, other = await a_broken_tenant(mailer), await a_broken_tenant(mailer, "200001.sms")
    unknown = await an_unknown(mailer)
    causes = (await mailer.get(f"{BASE}/causes", as_=CHIEF)).body["items"]
    lacks_locale = causes[0]["cause"]

    async def found(**which: str) -> set[str]:
        answer = await mailer.get(BASE, as_=CHIEF, params=which)
        return {one["id"] for one in answer.body["items"]}

    assert [(one["count"], one["type"]) for one in causes] == [
        (2, TenantCreated.type),
        (1, "portal.auth.nobody.read.v1"),
    ]
    assert await found(tenant_id="200001.SMS ") == {other}
    assert await found(cause=lacks_locale) == {acme, other}
    assert await found(type=TenantCreated.type, tenant_id="123456.sms") == {acme}
    assert await found(type=AccountRecorded.type) == set()
    assert await outcomes(mailer, "drop", cause=lacks_locale) == {acme: "dropped", other: "dropped"}
    assert await kept(mailer) == {unknown}


async def test_letters_come_in_pages(mailer: Client) -> None:
    keys = set()
    for _ in range(5):
        mailer.now.advance(timedelta(seconds=1))
        keys.add(await an_unknown(mailer))

    first = (await mailer.get(BASE, as_=CHIEF, params={"limit": "3"})).body
    more = {"limit": "3", "cursor": first["next_cursor"]}
    second = (await mailer.get(BASE, as_=CHIEF, params=more)).body

    assert {one["id"] for one in first["items"] + second["items"]} == keys
    assert (len(first["items"]), second["next_cursor"]) == (3, None)


async def test_one_call_acts_on_the_oldest_and_says_how_many_are_left(
    mailer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.dead_letter_desk.AT_ONCE", 2)
    keys = []
    for _ in range(3):
        mailer.now.advance(timedelta(seconds=1))
        keys.append(await an_unknown(mailer))

    which = {"type": "portal.auth.nobody.read.v1"}
    first = await mailer.post(f"{BASE}/drop", as_=CHIEF, json=which)
    second = await mailer.post(f"{BASE}/drop", as_=CHIEF, json=which)

    assert [one["id"] for one in first.body["items"]] == keys[:2]
    assert first.body["left"] == 1
    assert second.body == {"items": [{"id": keys[2], "outcome": "dropped"}], "left": 0}


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({**TENANT, "locale": 5}, "#/body/data/locale"),
        ({**TENANT, "tenant_id": "200001.sms"}, "#/body/data/tenant_id"),
        ({**TENANT, "reseller_id": "200002.rsp"}, "#/body/data/reseller_id"),
        ({**TENANT, "local": "de"}, "#/body/data/local"),
        ({}, "#/body/data/name"),
    ],
)
async def test_an_edit_must_fit_the_contract_and_stay_about_the_same(
    mailer: Client, data: dict[str, Any], pointer: str
) -> None:
    key = await a_broken_tenant(mailer)

    refused = await edit(mailer, key, data)
    one = await mailer.get(f"{BASE}/{key}", as_=CHIEF)

    assert (refused.status, refused.body["code"]) == (422, "invalid")
    assert pointer in {flaw["pointer"] for flaw in refused.body["errors"]}
    assert "locale" not in one.body["event"]["data"]
    assert one.headers["ETag"] == '"1"'


async def test_an_edit_wants_the_newest_version_and_a_fresh_factor(mailer: Client) -> None:
    key = await a_broken_tenant(mailer)

    stale = await edit(mailer, key, TENANT, version=7)
    old_sign_in = await edit(mailer, key, TENANT, as_=CHIEF)
    nothing = await edit(mailer, "never-seen", TENANT)
    no_event = await edit(mailer, await an_unknown(mailer), {})

    assert (stale.status, old_sign_in.status, nothing.status) == (412, 401, 404)
    assert (no_event.status, no_event.body["code"]) == (409, "no_event")
    assert (await mailer.get(f"{BASE}/{key}", as_=CHIEF)).body["fits"] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dry_run": True},
        {"ids": []},
        {"ids": ["a/b"]},
        {"ids": ["a"], "type": TenantCreated.type},
        {"tenant_id": "vendor"},
        {"cause": {"$ne": ""}},
        {"type": {"$regex": "."}},
        {"everything": True},
    ],
)
@pytest.mark.parametrize("what", ["replay", "drop"])
async def test_an_act_says_on_which_letters(mailer: Client, what: str, body: Any) -> None:
    key = await an_unknown(mailer)

    refused = await mailer.post(f"{BASE}/{what}", as_=CHIEF, json=body)

    assert refused.status == 422
    assert await kept(mailer) == {key}


async def test_nobody_without_the_permission_sees_or_touches_a_letter(mailer: Client) -> None:
    key = await a_broken_tenant(mailer)
    support = a_pass("vendor", *GRANTS[Role.SUPPORT][Relation.VENDOR])
    tenant = a_pass("123456.sms", Permission.DEAD_LETTER_MANAGE)

    for caller, status in ((support, 403), (tenant, 401), (None, 401)):
        answers = [
            await mailer.get(BASE, as_=caller),
            await mailer.get(f"{BASE}/causes", as_=caller),
            await mailer.get(f"{BASE}/{key}", as_=caller),
            await edit(mailer, key, TENANT, as_=caller),
            await mailer.post(f"{BASE}/replay", as_=caller, json={"ids": [key]}),
            await mailer.post(f"{BASE}/drop", as_=caller, json={"ids": [key]}),
        ]
        assert {answer.status for answer in answers} == {status}
    assert await kept(mailer) == {key}


async def test_what_is_parked_again_is_one_letter_of_a_new_version(mailer: Client) -> None:
    data = {"tenant_id": "123456.sms"}
    event = CloudEvent(
        id="same",
        source="/portal/test",
        type=TenantCreated.type,
        subject="123456.sms",
        time=NOON,
        sequence=1,
        data=data,
    )

    for _ in range(2):
        await hand_over(mailer, event)

    one = await mailer.get(f"{BASE}/same", as_=CHIEF)
    assert await kept(mailer) == {"same"}
    assert one.headers["ETag"] == '"2"'


async def test_letters_waiting_are_counted_by_type(mailer: Client) -> None:
    await a_broken_tenant(mailer)
    key = await an_unknown(mailer)

    async def told() -> list[str]:
        text = (await mailer.get("/metrics", as_=None)).body
        return [line for line in text.splitlines() if line.startswith("portal_dead_letters{")]

    before = await told()
    await outcomes(mailer, "drop", ids=[key])

    unread = 'portal_dead_letters{service="mailer",type="portal.auth.nobody.read.v1"} 1.0'
    created = f'portal_dead_letters{{service="mailer",type="{TenantCreated.type}"}} 1.0'
    assert sorted(before) == sorted([unread, created])
    assert await told() == [created]


def test_a_cause_is_the_same_whatever_ids_and_numbers_are_in_its_words() -> None:
    one = cause_of("t", "ValueError: no seat on 0d6f5a3c1b2e4f7a for 123456.sms, 'Ada' is 3rd")
    other = cause_of("t", "ValueError: no seat on 99aa00bb11cc22dd for 200001.sms, 'Bob' is 4rd")

    assert one == other
    assert one != cause_of("t", "ValueError: no licence") != cause_of("u", "ValueError: no licence")


async def test_how_often_a_failing_event_is_tried_is_a_setting(mongo_url: str) -> None:
    settings = settings_of(
        MailerSettings,
        mongo_url,
        mailer_keys=MAILER_KEYS.private(),
        smtp_security="none",
        event_retries="7 30",
    )
    account = AccountRecorded(
        account_id="a-1",
        org="123456.sms",
        username="ada",
        email="ada@acme.example",
        locale="de",
        display_name="Ada",
        roles=[],
        status="active",
        has_second_factor=False,
    )
    async with running(Service.MAILER, open_mailer, settings) as client:
        waits = []
        takes_nothing = {"$jsonSchema": {"required": ["never"]}}
        await client.mongo._database.command("collMod", "contacts", validator=takes_nothing)
        await client.deliver(account, event_id="e-1")
        for attempt in (1, 2):
            row = await until_waits(client, attempt)
            waits.append((row["due_at"] - client.now()).total_seconds())
            client.now.advance(timedelta(seconds=waits[-1]))
        async with asyncio.timeout(10):
            while await kept(client) != {"e-1"}:
                await asyncio.sleep(0.02)
        one = await client.get(f"{BASE}/e-1", as_=CHIEF)

    assert waits == [7, 30]
    assert (one.body["attempts"], one.body["fits"]) == (3, True)


async def until_waits(client: Client, attempts: int) -> dict[str, Any]:
    where = {"attempts": attempts, "due_at": {"$lt": client.now() + timedelta(seconds=60)}}
    async with asyncio.timeout(10):
        while not (found := await client.mongo.collection("retries").find_one(where)):
            await asyncio.sleep(0.02)
    return found


@pytest.mark.parametrize("text", ["", "1,5", "-1", "1.5", "123456", " 1", "1 " * 30])
def test_a_ladder_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        settings_of(
            MailerSettings, "mongodb://x", mailer_keys=MAILER_KEYS.private(), event_retries=text
        )
