"""API keys of the vendor, for the back ends of its products."""

from collections.abc import AsyncIterator

import pytest

from services.auth.app import open_auth
from shared.access import Permission
from shared.contracts.events import Service
from tests.support.auth import auth_settings
from tests.support.service import NOON, Client, a_pass, running

KEYS = "/v1/vendor/api-keys"
FRESH = int(NOON.timestamp())
VENDOR_ADMIN = a_pass("vendor", *Permission, factor_at=FRESH)


@pytest.fixture
async def auth(mongo_url: str) -> AsyncIterator[Client]:
    async with running(Service.AUTH, open_auth, auth_settings(mongo_url)) as client:
        yield client


async def test_the_vendor_makes_rotates_and_revokes_a_key_of_its_own(auth: Client) -> None:
    body = {"name": "VPN gateway", "permissions": ["entitlement:check"]}

    made = await auth.post(KEYS, as_=VENDOR_ADMIN, json=body)
    key_id = made.body["id"]
    rotated = await auth.post(f"{KEYS}/{key_id}/rotate", as_=VENDOR_ADMIN, json={})
    listed = await auth.get(KEYS, as_=VENDOR_ADMIN)
    revoked = await auth.delete(f"{KEYS}/{key_id}", as_=VENDOR_ADMIN)

    assert (made.status, rotated.status, revoked.status) == (201, 200, 204)
    assert made.body["permissions"] == ["entitlement:check"]
    assert [one["id"] for one in listed.body["items"]] == [key_id]


@pytest.mark.parametrize("place", ["123456.sms", "100001.rsp"])
async def test_nobody_else_gets_at_them_or_may_check_entitlements(auth: Client, place: str) -> None:
    others = a_pass(place, Permission.USER_MANAGE, Permission.TENANT_READ, factor_at=FRESH)
    own = f"/v1/{'tenants' if place.endswith('sms') else 'resellers'}/{place}/api-keys"
    body = {"name": "Mine", "permissions": ["entitlement:check"]}

    at_the_vendor = await auth.post(KEYS, as_=others, json=body)
    listed = await auth.get(KEYS, as_=others)
    at_home = await auth.post(own, as_=others, json=body)

    assert (at_the_vendor.status, listed.status) == (401, 401)
    assert (at_home.status, at_home.body["errors"][0]["code"]) == (422, "not_for_this_place")
