"""API keys: shown once, kept as digests, never more than their maker may do, ended at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.auth.app import open_auth
from services.auth.domain.api_keys import MOST
from shared.access import Permission
from shared.api_keys import digest, is_well_formed
from shared.contracts.auth import ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from shared.contracts.events import Service
from shared.passes import Pass
from tests.support.auth import auth_settings
from tests.support.service import NOON, Answer, Client, a_pass, running

TENANT, OTHER, RESELLER = "123456.sms", "200001.sms", "100001.rsp"
KEYS = f"/v1/tenants/{TENANT}/api-keys"
GATEWAY = a_pass("gateway", subject="gateway", session="", org="")
FRESH = int(NOON.timestamp())
HELD = (Permission.USER_MANAGE, Permission.TENANT_READ, Permission.TENANT_EDIT)


def a_manager(*held: Permission, place: str = TENANT, **more: Any) -> Pass:
    return a_pass(place, *(held or HELD), factor_at=FRESH, **more)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        yield client


async def create(auth: Client, as_: Pass | None = None, **more: Any) -> Answer:
    body = {"name": "Report", "permissions": ["tenant:read"], **more}
    return await auth.post(KEYS, as_=as_ or a_manager(), json=body)


async def ask(auth: Client, key: str) -> Answer:
    """The gateway's question about a key."""
    return await auth.get(f"/internal/api-keys/{digest(key)}", as_=GATEWAY)


async def rotate(auth: Client, key_id: str, as_: Pass | None = None, **body: Any) -> Answer:
    return await auth.post(f"{KEYS}/{key_id}/rotate", as_=as_ or a_manager(), json=body)


async def test_a_key_is_shown_once_and_kept_as_a_digest_alone(auth: Client) -> None:
    made = await create(auth)
    listed = await auth.get(KEYS, as_=a_manager())

    key = made.body["key"]
    assert made.status == 201
    assert is_well_formed(key)
    assert key.split("_")[1] == made.body["id"]
    assert "key" not in listed.body["items"][0]
    assert listed.body["items"][0] == {n: v for n, v in made.body.items() if n != "key"}
    assert made.body["expires_at"] == "2026-06-08T12:00:00Z"
    rows = await auth.mongo.collection("api_keys").find({})
    assert rows[0]["secrets"][0]["digest"] == digest(key)
    secret = key.split("_")[2]
    assert secret[:64] not in json.dumps(rows, default=str)
    assert secret[:64] not in json.dumps([event.data for event in auth.published])
    assert [event.client_id for event in await auth.heard(ApiKeyCreated)] == [made.body["id"]]


async def test_no_secret_is_in_any_log_line(auth: Client) -> None:
    with capture_logs() as lines:
        key = (await create(auth)).body["key"]
        await ask(auth, key)
        other = (await rotate(auth, key.split("_")[1])).body["key"]

    assert {"api_client_created", "api_client_rotated"} <= {line["event"] for line in lines}
    assert not any(secret[38:] in str(lines) for secret in (key, other))
    assert digest(key) not in str(lines)


async def test_the_gateway_hears_whose_key_it_is_and_what_it_may_do(auth: Client) -> None:
    made = (await create(auth, permissions=["tenant:edit", "tenant:read"])).body

    found = await ask(auth, made["key"])

    assert found.body == {
        "client_id": made["id"],
        "org": TENANT,
        "permissions": ["tenant:edit", "tenant:read"],
        "expires_at": made["expires_at"],
    }


async def test_only_the_gateway_may_ask_about_a_key(auth: Client) -> None:
    key = (await create(auth)).body["key"]

    answer = await auth.get(f"/internal/api-keys/{digest(key)}", as_=a_manager())

    assert answer.status == 401


@pytest.mark.parametrize(
    ("permissions", "status", "code"),
    [
        (["user:read"], 403, "grant_too_high"),
        (["tenant:read", "device:manage"], 403, "grant_too_high"),
        (["licence:create"], 422, "invalid"),
        (["admin"], 422, "invalid"),
        (["*"], 422, "invalid"),
        ([], 422, "invalid"),
        ({"$ne": ""}, 422, "invalid"),
    ],
)
async def test_nobody_makes_a_key_that_may_do_more_than_the_own_pass(
    auth: Client, permissions: object, status: int, code: str
) -> None:
    answer = await create(auth, permissions=permissions)

    assert (answer.status, answer.body["code"]) == (status, code)
    assert await auth.mongo.collection("api_keys").count({}) == 0


@pytest.mark.parametrize(
    "expires_at",
    [
        "2026-03-10T12:00:00Z",
        "2025-01-01T00:00:00Z",
        "2027-03-10T12:00:01Z",
        "9999-12-31T23:59:59Z",
        "2026-04-01T00:00:00",
        "tomorrow",
    ],
    ids=["now", "past", "more-than-a-year", "for-ever", "no-zone", "no-time"],
)
async def test_a_key_that_never_ends_or_has_ended_is_not_made(
    auth: Client, expires_at: str
) -> None:
    answer = await create(auth, expires_at=expires_at)

    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert answer.body["errors"][0]["pointer"].startswith("#/body/expires_at")


async def test_making_a_secret_needs_a_factor_shown_lately_which_a_machine_never_has(
    auth: Client,
) -> None:
    made = (await create(auth)).body
    stale = a_pass(TENANT, *HELD, factor_at=FRESH - 601)
    machine = a_pass(TENANT, *HELD, subject=made["id"], session=made["id"])

    answers = [await create(auth, as_) for as_ in (stale, machine)]
    answers += [await rotate(auth, made["id"], as_) for as_ in (stale, machine)]

    assert {answer.status for answer in answers} == {401}
    assert await auth.mongo.collection("api_keys").count({}) == 1


async def test_keys_of_another_organisation_are_not_there(auth: Client) -> None:
    made = (await create(auth)).body
    stranger = a_manager(place=OTHER)
    theirs = f"/v1/tenants/{OTHER}/api-keys"

    listed = await auth.get(theirs, as_=stranger)
    revoked = await auth.delete(f"{theirs}/{made['id']}", as_=stranger)
    rotated = await auth.post(f"{theirs}/{made['id']}/rotate", as_=stranger, json={})
    absent = await auth.post(f"{theirs}/nobody/rotate", as_=stranger, json={})
    direct = await auth.delete(f"{KEYS}/{made['id']}", as_=stranger)
    weak = await auth.delete(f"{KEYS}/{made['id']}", as_=a_pass(TENANT, Permission.USER_READ))

    assert listed.body["items"] == []
    assert (revoked.status, rotated.status, absent.status) == (404, 404, 404)
    assert (direct.status, weak.status) == (401, 403)
    assert (await ask(auth, made["key"])).status == 200


async def test_a_reseller_has_keys_of_its_own(auth: Client) -> None:
    place = f"/v1/resellers/{RESELLER}/api-keys"
    staff = a_manager(Permission.USER_MANAGE, Permission.LICENCE_CREATE, place=RESELLER)

    made = await auth.post(
        place, as_=staff, json={"name": "Shop", "permissions": ["licence:create"]}
    )
    rotated = await auth.post(f"{place}/{made.body['id']}/rotate", as_=staff, json={})
    listed = await auth.get(place, as_=staff)
    revoked = await auth.delete(f"{place}/{made.body['id']}", as_=staff)

    assert (made.status, rotated.status, revoked.status) == (201, 200, 204)
    assert [one["id"] for one in listed.body["items"]] == [made.body["id"]]


async def test_a_revoked_key_is_no_good_at_once_and_not_listed_any_more(auth: Client) -> None:
    made = (await create(auth)).body

    gone = await auth.delete(f"{KEYS}/{made['id']}", as_=a_manager())
    twice = await auth.delete(f"{KEYS}/{made['id']}", as_=a_manager())
    revived = await rotate(auth, made["id"])

    assert (gone.status, twice.status, revived.status) == (204, 404, 404)
    assert (await ask(auth, made["key"])).status == 404
    assert (await auth.get(KEYS, as_=a_manager())).body["items"] == []
    assert [event.client_id for event in await auth.heard(ApiKeyRevoked)] == [made["id"]]


async def test_an_expired_key_is_no_good_from_the_instant_on(auth: Client) -> None:
    made = (await create(auth, expires_at="2026-03-10T13:00:00Z")).body
    auth.now.advance(timedelta(minutes=60) - timedelta(milliseconds=1))
    before = await ask(auth, made["key"])

    auth.now.advance(timedelta(milliseconds=1))
    after = await ask(auth, made["key"])

    assert (before.status, after.status) == (200, 404)


async def test_during_a_rotation_both_keys_are_good_for_a_day(auth: Client) -> None:
    old = (await create(auth)).body
    assert (await ask(auth, old["key"])).status == 200

    new = (await rotate(auth, old["id"])).body
    both = [(await ask(auth, one)).status for one in (old["key"], new["key"])]
    auth.now.advance(timedelta(hours=24))
    later = [(await ask(auth, one)).status for one in (old["key"], new["key"])]

    assert new["id"] == old["id"]
    assert new["key"] != old["key"]
    assert [len(new["secrets"]), both, later] == [2, [200, 200], [404, 200]]
    assert [event.old_until for event in await auth.heard(ApiKeyRotated)] == [
        NOON + timedelta(hours=24)
    ]


@pytest.mark.parametrize(
    "overlap", ["P8D", "-PT1S", "P999999999D", "P7DT0.001S", "soon", {"days": 1}]
)
async def test_an_overlap_of_more_than_a_week_or_less_than_none_is_refused(
    auth: Client, overlap: object
) -> None:
    made = (await create(auth)).body

    answer = await rotate(auth, made["id"], overlap=overlap)

    assert (answer.status, answer.body["code"]) == (422, "invalid")


async def test_without_an_overlap_the_old_key_ends_at_once(auth: Client) -> None:
    old = (await create(auth)).body
    await ask(auth, old["key"])

    new = (await rotate(auth, old["id"], overlap="PT0S")).body

    assert (await ask(auth, old["key"])).status == 404
    assert (await ask(auth, new["key"])).status == 200


async def test_nobody_gets_a_stronger_key_than_the_own_pass_by_rotating_one(auth: Client) -> None:
    strong = (await create(auth, permissions=["tenant:edit"])).body
    weak = a_manager(Permission.USER_MANAGE, Permission.TENANT_READ)

    answer = await rotate(auth, strong["id"], weak)

    assert (answer.status, answer.body["code"]) == (403, "grant_too_high")
    assert len((await auth.get(KEYS, as_=weak)).body["items"][0]["secrets"]) == 1


async def test_of_parallel_rotations_no_more_than_two_keys_are_good_after(auth: Client) -> None:
    made = (await create(auth)).body
    await ask(auth, made["key"])

    async with asyncio.TaskGroup() as group:
        tries = [group.create_task(rotate(auth, made["id"])) for _ in range(8)]

    shown = [one.result().body["key"] for one in tries if one.result().status == 200]
    good = [key for key in (made["key"], *shown) if (await ask(auth, key)).status == 200]
    assert shown
    assert len(good) == 2
    assert made["key"] in good


async def test_a_use_is_written_down_at_most_once_a_minute(auth: Client) -> None:
    made = (await create(auth)).body

    seen = []
    for _ in range(4):
        await ask(auth, made["key"])
        seen.append((await auth.get(KEYS, as_=a_manager())).body["items"][0]["last_used_at"])
        auth.now.advance(timedelta(seconds=30))

    assert made["last_used_at"] is None
    assert seen == ["2026-03-10T12:00:00Z"] * 2 + ["2026-03-10T12:01:00Z"] * 2


async def test_a_creation_sent_again_makes_nothing_again_and_shows_no_secret_again(
    auth: Client,
) -> None:
    body = {"name": "Report", "permissions": ["tenant:read"]}
    headers = {"Idempotency-Key": "once"}

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(auth.post(KEYS, as_=a_manager(), json=body, headers=headers))
            for _ in range(8)
        ]
    answers = [task.result() for task in tasks]
    again = await auth.post(KEYS, as_=a_manager(), json=body, headers=headers)
    other = await auth.post(
        KEYS, as_=a_manager(), json={**body, "name": "Another"}, headers=headers
    )

    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert {one.body["code"] for one in answers if one.status == 409} <= {
        "api_key_shown_before",
        "request_running",
    }
    assert (again.status, again.body["code"]) == (409, "api_key_shown_before")
    [kept] = await auth.mongo.collection("kept_answers").find({})
    assert set(kept) == {"_id", "fingerprint", "expires_at"}
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")
    assert await auth.mongo.collection("api_keys").count({}) == 1


async def test_the_list_is_paged_newest_first(auth: Client) -> None:
    for number in range(5):
        await create(auth, name=f"Key {number}")
        auth.now.advance(timedelta(milliseconds=number % 2))

    first = await auth.get(KEYS, as_=a_manager(), params={"limit": "2"})
    names = [one["name"] for one in first.body["items"]]
    cursor = first.body["next_cursor"]
    while cursor:
        page = await auth.get(KEYS, as_=a_manager(), params={"limit": "2", "cursor": cursor})
        names += [one["name"] for one in page.body["items"]]
        cursor = page.body["next_cursor"]
    bad = await auth.get(KEYS, as_=a_manager(), params={"cursor": "nonsense"})

    assert sorted(names) == [f"Key {number}" for number in range(5)]
    assert names[0] == "Key 4"
    assert bad.status == 422


async def test_an_organisation_has_no_more_than_a_hundred_keys(auth: Client) -> None:
    made = [await create(auth) for _ in range(MOST)]
    refused = await create(auth)

    await auth.delete(f"{KEYS}/{made[0].body['id']}", as_=a_manager())
    again = await create(auth)

    assert (refused.status, refused.body["code"]) == (409, "too_many_api_keys")
    assert again.status == 201
