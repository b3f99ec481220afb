"""What machines do with API keys and tokens, through the gateway, in one process and in many."""

import asyncio
import base64
from typing import Any

import pytest
import pytest_asyncio

from shared.clock import monotonic
from tests.support.person import Answer, Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

TENANT, FOREIGN = "123456.sms", "200001.sms"
KEYS = f"/v1/tenants/{TENANT}/api-keys"
STAFF_KEYS = "/v1/resellers/100001.rsp/api-keys"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def admin(portal: Portal) -> str:
    """The access token of an administrator who has just signed in."""
    return await portal.token(TENANT, "admin")


async def test_a_machine_reads_the_own_tenant_with_a_key_and_with_a_token(
    portal: Portal, admin: str
) -> None:
    made = await _create(portal, admin, KEYS, "tenant:read", "user:read")

    with_key = await _read(portal, TENANT, made["key"])
    granted = await _token(portal, made, scope="tenant:read")
    with_token = await _read(portal, TENANT, granted.body["access_token"])
    users = f"/v1/tenants/{TENANT}/users"
    wide = await portal.call("GET", users, token=made["key"])
    narrow = await portal.call("GET", users, token=granted.body["access_token"])

    assert (with_key.status, granted.status, with_token.status) == (200, 200, 200)
    assert granted.headers["Cache-Control"] == "no-store"
    assert (wide.status, narrow.status, narrow.code) == (200, 403, "forbidden")


async def test_a_machine_gets_nowhere_else(portal: Portal, admin: str) -> None:
    made = await _create(portal, admin, KEYS, "tenant:read", "user:manage")
    token = (await _token(portal, made)).body["access_token"]

    for shown in (made["key"], token):
        foreign = await _read(portal, FOREIGN, shown)
        me = await portal.call("GET", "/v1/me", token=shown)
        edited = await portal.call(
            "PATCH",
            f"/v1/tenants/{TENANT}",
            token=shown,
            json={"name": "Mine"},
            headers={"If-Match": '"1"'},
        )
        another = await portal.call("POST", KEYS, token=shown, json=_a_key("tenant:read"))

        assert (foreign.status, foreign.code) == (404, "not_found")
        assert (me.status, me.code) == (403, "people_only")
        assert (edited.status, edited.code) == (403, "forbidden")
        assert (another.status, another.code) == (401, "insufficient_user_authentication")


async def test_a_resellers_machine_reads_the_tenants_that_its_staff_may_read(
    portal: Portal,
) -> None:
    staff = await portal.token("100001.rsp", "reseller-admin")
    made = await _create(portal, staff, STAFF_KEYS, "tenant:read", "licence:read")
    token = (await _token(portal, made)).body["access_token"]

    for shown in (made["key"], token):
        statuses = [
            (await _read(portal, tenant, shown)).status
            for tenant in (TENANT, FOREIGN, "999999.sms")
        ]
        customers = await portal.call("GET", "/v1/resellers/100001.rsp/customers", token=shown)
        other = await portal.call("GET", "/v1/resellers/100002.rsp/customers", token=shown)

        assert statuses == [200, 404, 404]
        assert (customers.status, other.status) == (200, 404)


async def test_a_revoked_key_and_its_tokens_open_nothing_within_a_second(
    portal: Portal, admin: str
) -> None:
    made = await _create(portal, admin, KEYS, "tenant:read")
    token = (await _token(portal, made)).body["access_token"]
    assert [(await _read(portal, TENANT, one)).status for one in (made["key"], token)] == [200, 200]

    gone = await portal.call("DELETE", f"{KEYS}/{made['id']}", token=admin)

    assert gone.status == 204
    for shown in (made["key"], token):
        assert await _seconds_until_refused(portal, shown) < 1.0
    refused = await _token(portal, made)
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")


async def test_a_key_is_rotated_while_its_machines_go_on(portal: Portal, admin: str) -> None:
    old = await _create(portal, admin, KEYS, "tenant:read")
    assert (await _read(portal, TENANT, old["key"])).status == 200

    new = (await portal.call("POST", f"{KEYS}/{old['id']}/rotate", token=admin, json={})).body
    during = [(await _read(portal, TENANT, one)).status for one in (old["key"], new["key"])]
    body = {"overlap": "PT0S"}
    last = await portal.call("POST", f"{KEYS}/{old['id']}/rotate", token=admin, json=body)

    assert during == [200, 200]
    assert await _seconds_until_refused(portal, new["key"]) < 1.0
    assert (await _read(portal, TENANT, old["key"])).status == 401
    assert (await _read(portal, TENANT, last.body["key"])).status == 200


async def test_where_tokens_are_to_be_had_is_found_without_being_told(portal: Portal) -> None:
    found = await portal.call("GET", "/.well-known/oauth-authorization-server")
    keys = await portal.call("GET", found.body["jwks_uri"].removeprefix(portal.url))

    assert found.body["issuer"] == portal.url
    assert found.body["token_endpoint"] == f"{portal.url}/v1/oauth/token"
    assert keys.status == 200


def _a_key(*permissions: str) -> dict[str, Any]:
    return {"name": "A machine", "permissions": list(permissions)}


async def _create(portal: Portal, token: str, path: str, *permissions: str) -> dict[str, Any]:
    made = await portal.call("POST", path, token=token, json=_a_key(*permissions))
    assert made.status == 201, made.body
    assert isinstance(made.body, dict)
    return made.body


async def _token(portal: Portal, made: dict[str, Any], **form: str) -> Answer:
    shown = base64.b64encode(f"{made['id']}:{made['key']}".encode()).decode()
    return await portal.call(
        "POST",
        "/v1/oauth/token",
        headers={"Authorization": f"Basic {shown}"},
        data={"grant_type": "client_credentials", **form},
    )


async def _read(portal: Portal, tenant: str, shown: str) -> Answer:
    return await portal.call("GET", f"/v1/tenants/{tenant}", token=shown)


async def _seconds_until_refused(portal: Portal, shown: str) -> float:
    begun = monotonic()
    while (await _read(portal, TENANT, shown)).status != 401:
        assert monotonic() - begun < 5
        await asyncio.sleep(0.01)
    return monotonic() - begun
