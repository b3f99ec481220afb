"""A device's life through the gateway: activated without an account, checked, removed."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.support.person import Answer, Portal

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(120)]

TENANT = "123456.sms"
LICENCES = f"/v1/tenants/{TENANT}/licences"
DEVICES = f"/v1/tenants/{TENANT}/devices"


async def test_a_device_is_activated_checked_by_a_back_end_and_removed(portal: Portal) -> None:
    admin = await portal.token(TENANT, "admin")
    machine = await _back_end(portal)
    key = (await portal.call("GET", f"{LICENCES}/demo-123456", token=admin)).body["key"]
    fingerprint = new_id()

    device = (await _activate(portal, key, fingerprint)).body
    again = await _activate(portal, key, fingerprint)
    beats = await _heartbeat(portal, device["token"])
    listed = await portal.call("GET", DEVICES, token=admin)
    before = await _check(portal, machine, device["device_id"])
    removed = await portal.call("DELETE", f"{DEVICES}/{device['device_id']}", token=admin)
    after = await _check(portal, machine, device["device_id"])
    silenced = await _heartbeat(portal, device["token"])

    assert again.body == device
    assert beats.status == 200
    assert device["device_id"] in {one["id"] for one in listed.body["items"]}
    assert (before.status, before.body["code"], before.body["allowed"]) == (200, "valid", True)
    assert before.headers["Cache-Control"] == "private, max-age=60"
    assert removed.status == 204
    assert (after.body["code"], after.headers["Cache-Control"]) == (
        "device_not_activated",
        "no-store",
    )
    assert (silenced.status, silenced.code) == (401, "device_not_activated")


async def test_only_the_vendors_back_ends_check_entitlements(portal: Portal) -> None:
    admin = await portal.token(TENANT, "admin")
    body = {"feature": "vpn", "device_id": new_id()}

    by_admin = await portal.call("POST", "/v1/entitlements/check", token=admin, json=body)
    by_nobody = await portal.call("POST", "/v1/entitlements/check", json=body)
    vendor_keys = await portal.call("GET", "/v1/vendor/api-keys", token=admin)

    assert (by_admin.status, by_nobody.status) == (403, 401)
    assert (vendor_keys.status, vendor_keys.code) == (404, "not_found")


async def _back_end(portal: Portal) -> str:
    """The API key of a product's back end."""
    vendor = await portal.token("vendor", "vendor-admin")
    body = {"name": "VPN gateway", "permissions": ["entitlement:check"]}
    made = await portal.call("POST", "/v1/vendor/api-keys", token=vendor, json=body)
    assert made.status == 201, made.body
    return str(made.body["key"])


async def _activate(portal: Portal, key: str, fingerprint: str) -> Answer:
    body: dict[str, Any] = {
        "licence_key": key,
        "fingerprint": fingerprint,
        "name": "Anna's tablet",
        "platform": "android",
    }
    answer = await portal.call("POST", "/v1/devices/activate", json=body)
    assert answer.status in {200, 201}, answer.body
    return answer


async def _heartbeat(portal: Portal, token: str) -> Answer:
    return await portal.call("POST", "/v1/devices/heartbeat", json={"token": token})


async def _check(portal: Portal, machine: str, device_id: str) -> Answer:
    body = {"feature": "cyber-defense-cloud", "device_id": device_id}
    return await portal.call("POST", "/v1/entitlements/check", token=machine, json=body)
