"""API keys and machines' tokens at the door."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from shared.api_keys import digest, new_key
from shared.callers import OPEN, Caller
from shared.contracts.auth import ApiKeyRevoked, ApiKeyRotated
from shared.contracts.events import CloudEvent, Event
from shared.ids import new_id
from shared.tokens import CLIENT_HEADER
from tests.service.gateway.test_tokens import _operations
from tests.service.gateway.world import RESELLER, TENANT, Answer, World, assigned

CLIENT = new_id()
KEY = new_key(CLIENT)
Ask = Callable[..., Awaitable[Answer]]


def knows(
    world: World,
    *permissions: str,
    org: str = TENANT,
    key: str = KEY,
    until: datetime | None = None,
) -> None:
    """Auth knows this key from now on."""
    ends_at = until or world.now() + timedelta(days=1)

    async def told(_: web.Request) -> web.StreamResponse:
        facts = {
            "client_id": CLIENT,
            "org": org,
            "permissions": list(permissions),
            "expires_at": ends_at.isoformat(),
        }
        return web.json_response(facts)

    world.auth.answers[question(key)] = told
    world.auth.otherwise = _absent
    world.org = org


async def _absent(request: web.Request) -> web.StreamResponse:
    is_key = request.path.startswith("/internal/api-keys/")
    return web.json_response({}, status=404 if is_key else 200)


def question(key: str = KEY) -> str:
    return f"/internal/api-keys/{digest(key)}"


def forget(world: World, event: type[Event]) -> None:
    """Auth knows the key no more, and the news of it is heard."""
    del world.auth.answers[question()]
    tell(world, event)


def tell(world: World, event: type[Event]) -> None:
    news = CloudEvent(
        id=new_id(),
        source="/portal/auth",
        type=event.type,
        subject=CLIENT,
        time=world.now(),
        sequence=2,
        data={},
    )
    for types, hear in world.hub.listeners:
        if event.type in types:
            hear(news)


def machine_token(world: World, scope: str, **more: Any) -> str:
    about = {"sub": CLIENT, "sid": CLIENT, "client_id": CLIENT, "key_digest": digest(KEY)}
    return world.token(**{**about, "scope": scope, **more})


async def with_key(world: World, path: str, method: str = "GET", *, key: str = KEY) -> Answer:
    return await world.call(method, path, headers={"Authorization": f"Bearer {key}"})


async def with_token(world: World, path: str, method: str = "GET") -> Answer:
    token = machine_token(world, "tenant:read user:read")
    return await with_key(world, path, method, key=token)


both = pytest.mark.parametrize("ask", [with_key, with_token], ids=["key", "token"])


@both
async def test_a_machine_gets_a_pass_with_what_its_key_holds_and_nothing_else(
    world: World, ask: Ask
) -> None:
    knows(world, "tenant:read", "licence:create")

    answer = await ask(world, f"/v1/tenants/{TENANT}")

    assert answer.status == 200
    granted = world.pass_of(world.tenancy.public[0])
    assert (granted.subject, granted.session, granted.org) == (CLIENT, CLIENT, TENANT)
    assert granted.permissions == {"tenant:read"}
    assert granted.factor_at is None
    sent = [value for seen in (*world.auth.seen, *world.handed_on) for _, value in seen.headers]
    assert not any(KEY in value for value in sent)


async def test_a_token_has_what_its_scope_and_its_key_both_have(world: World) -> None:
    knows(world, "tenant:read", "user:read")

    token = machine_token(world, "tenant:read tenant:edit")
    await with_key(world, f"/v1/tenants/{TENANT}", key=token)

    assert world.pass_of(world.tenancy.public[0]).permissions == {"tenant:read"}


@both
async def test_a_machine_opens_no_other_tenant(world: World, ask: Ask) -> None:
    knows(world, "tenant:read")

    foreign = await ask(world, "/v1/tenants/200001.sms")
    unknown = await ask(world, "/v1/tenants/999999.sms")
    above = await ask(world, f"/v1/resellers/{RESELLER}")

    assert {one.refusal for one in (foreign, unknown, above)} == {(404, "not_found")}
    assert world.handed_on == []


async def test_a_resellers_machine_opens_assigned_tenants_and_no_more_than_staff_may_there(
    world: World,
) -> None:
    knows(world, "tenant:read", "tenant:create", "licence:create", org=RESELLER)
    world.places[TENANT] = assigned()

    inside = await with_key(world, f"/v1/tenants/{TENANT}")
    other = await with_key(world, "/v1/tenants/123457.sms")
    own = await with_key(world, f"/v1/resellers/{RESELLER}")

    assert (inside.status, other.status, own.status) == (200, 404, 200)
    there, at_home = map(world.pass_of, world.tenancy.public)
    assert there.permissions == {"tenant:read", "licence:create"}
    assert at_home.permissions == {"tenant:read", "tenant:create", "licence:create"}


@both
async def test_a_machine_never_opens_what_is_about_the_own_account(world: World, ask: Ask) -> None:
    knows(world, "tenant:read", "user:manage")
    own = [
        (method, path)
        for method, path, access in _operations()
        if access in {Caller.SIGNED_IN, Caller.SIGNED_IN_OR_ENROLLING}
    ]

    answers = [await ask(world, path, method) for method, path in own]

    assert ("GET", "/v1/me") in own
    assert {answer.refusal for answer in answers} == {(403, "people_only")}
    assert world.handed_on == []


async def test_a_machine_follows_what_its_key_may_read(world: World) -> None:
    knows(world, "licence:read")

    async def changes(_: web.Request) -> web.Response:
        kinds = ("account.invited", "licence.created")
        rows = [json.dumps({"type": kind, "place": TENANT}) for kind in kinds]
        text = "".join(f"id: {at}\nevent: change\ndata: {row}\n\n" for at, row in enumerate(rows))
        return web.Response(text=text, content_type="text/event-stream")

    world.tenancy.answers["/v1/events/stream"] = changes
    headers = {"Authorization": f"Bearer {KEY}"}

    async with world.http.get(f"{world.url}/v1/events/stream", headers=headers) as response:
        text = ""
        while "licence.created" not in text:
            text += (await response.content.readany()).decode()

    assert response.status == 200
    assert "account.invited" not in text


async def test_at_what_is_open_to_anybody_a_key_is_nobody(world: World) -> None:
    knows(world, "tenant:read")

    for method, path, access in _operations():
        if access in OPEN:
            assert (await with_key(world, path, method)).status == 200

    assert world.handed_on
    assert {world.pass_of(seen).place for seen in world.handed_on} == {"public"}
    assert not any(world.pass_of(seen).permissions for seen in world.handed_on)


@pytest.mark.parametrize(
    "key",
    [
        new_key(CLIENT),
        KEY[:-1],
        KEY[:-1] + ("0" if KEY[-1] != "0" else "1"),
        KEY.upper(),
        "mspk_",
        "mspk_../../v1/me",
        f"mspk_{digest(KEY)}",
        digest(KEY),
    ],
    ids=["another", "cut", "changed", "upper case", "prefix", "path", "digest", "bare digest"],
)
async def test_a_guessed_key_opens_nothing(world: World, key: str) -> None:
    knows(world, "tenant:read")

    answer = await with_key(world, f"/v1/tenants/{TENANT}", key=key)

    assert answer.refusal == (401, "unauthenticated")
    assert world.handed_on == []


async def test_what_cannot_be_a_key_is_refused_without_asking_auth(world: World) -> None:
    knows(world, "tenant:read")

    for place in range(40, 60):
        digit = "0" if KEY[place] != "0" else "1"
        await with_key(world, f"/v1/tenants/{TENANT}", key=KEY[:place] + digit + KEY[place + 1 :])

    assert world.auth.asked("/internal") == 0


async def test_auth_is_asked_by_the_digest_and_not_at_every_request(world: World) -> None:
    knows(world, "tenant:read")

    with capture_logs() as lines:
        for _ in range(20):
            assert (await with_key(world, f"/v1/tenants/{TENANT}")).status == 200

    assert world.auth.asked(question()) <= 2
    assert not any(KEY[38:] in seen.target for seen in world.auth.seen)
    assert KEY[38:] not in str(lines)


@both
@pytest.mark.parametrize("event", [ApiKeyRevoked, ApiKeyRotated])
async def test_news_of_a_key_that_is_no_more_act_at_once(
    world: World, ask: Ask, event: type[Event]
) -> None:
    knows(world, "tenant:read")
    before = await ask(world, f"/v1/tenants/{TENANT}")

    forget(world, event)
    after = await ask(world, f"/v1/tenants/{TENANT}")

    assert before.status == 200
    assert after.refusal == (401, "unauthenticated")


@both
async def test_a_key_that_expires_opens_nothing_from_then_on(world: World, ask: Ask) -> None:
    knows(world, "tenant:read", until=world.now() + timedelta(seconds=30))
    before = await ask(world, f"/v1/tenants/{TENANT}")
    granted = world.pass_of(world.tenancy.public[0])

    world.now.advance(timedelta(seconds=30))
    after = await ask(world, f"/v1/tenants/{TENANT}")

    assert before.status == 200
    assert granted.expires_at <= world.now().timestamp()
    assert after.refusal == (401, "unauthenticated")


async def test_a_rotated_key_ends_with_its_overlap_though_it_was_good_for_longer(
    world: World,
) -> None:
    knows(world, "tenant:read")
    await with_key(world, f"/v1/tenants/{TENANT}")
    knows(world, "tenant:read", until=world.now() + timedelta(seconds=10))
    tell(world, ApiKeyRotated)
    during = await with_key(world, f"/v1/tenants/{TENANT}")

    world.now.advance(timedelta(seconds=10))
    after = await with_key(world, f"/v1/tenants/{TENANT}")

    assert (during.status, after.status) == (200, 401)


@pytest.mark.parametrize(
    "claims",
    [{"sub": "account-1"}, {"org": "200001.sms"}, {"key_digest": digest(new_key(CLIENT))}],
)
async def test_a_token_that_does_not_fit_its_key_opens_nothing(
    world: World, claims: dict[str, str]
) -> None:
    knows(world, "tenant:read")
    token = machine_token(world, "tenant:read", **claims)

    answer = await with_key(world, f"/v1/tenants/{claims.get('org', TENANT)}", key=token)

    assert answer.refusal == (401, "unauthenticated")


async def test_without_auth_a_key_is_an_outage_and_no_refusal(world: World) -> None:
    await world.auth.stop()

    answer = await with_key(world, f"/v1/tenants/{TENANT}")

    assert answer.refusal == (503, "service_unavailable")


async def test_client_credentials_reach_auth_and_nobody_else(world: World) -> None:
    shown = {"Authorization": "Basic b25lOnR3bw==", CLIENT_HEADER: "forged"}

    await world.call("POST", "/v1/oauth/token", headers=shown, data={"grant_type": "x"})
    await world.call("POST", "/v1/login", headers=shown, json={})

    token, login = world.auth.public
    named = [value for name, value in token.headers if name.lower() == CLIENT_HEADER.lower()]
    assert named == ["Basic b25lOnR3bw=="]
    assert token.header("Content-Type") == "application/x-www-form-urlencoded"
    assert token.body == b"grant_type=x"
    assert login.header(CLIENT_HEADER) is None
