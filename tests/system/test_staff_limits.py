"""A reseller's administrator limits a colleague to some customers, through a whole portal."""

import asyncio
import uuid

import pytest

from shared.clock import monotonic
from tests.support.person import Portal
from tests.system.test_delegation import seconds_until
from tests.system.test_organisations import accept, enrol

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]
RESELLER, TENANT, OTHER = "100001.rsp", "123456.sms", "123457.sms"


async def seconds_without(portal: Portal, token: str, path: str, word: str) -> float:
    begun = monotonic()
    while word.encode() in (await portal.call("GET", path, token=token)).raw:
        assert monotonic() - begun < 5, f"{path} still tells of {word}"
        await asyncio.sleep(0.02)
    return monotonic() - begun


async def let_go(portal: Portal, token: str, user: str) -> int:
    """Other tests count the staff."""
    await portal.call("POST", f"{user}/disable", token=token)
    return (await portal.call("DELETE", user, token=token)).status


async def test_a_limit_holds_within_a_second_everywhere(portal: Portal) -> None:
    rita = await portal.token(RESELLER, "reseller-admin")
    name = f"sally-{uuid.uuid4().hex[:8]}"
    address, base = f"{name}@nordlicht.example", f"/v1/resellers/{RESELLER}"
    body = {"username": name, "email": address, "roles": ["reseller-sales"]}
    invited = await portal.call("POST", f"{base}/users", token=rita, json=body)
    await accept(portal, address)
    sally, _ = await enrol(portal, RESELLER, name)
    inside, path = f"/v1/tenants/{TENANT}", f"{base}/users/{invited.body['id']}/customers"
    order = {
        "product": "mdm",
        "seats": 1,
        "term_months": 12,
        "customer": {"tenant_id": TENANT},
    }
    before = await portal.call("GET", inside, token=sally)

    read = await portal.call("GET", path, token=rita)
    tag = {"If-Match": read.headers["ETag"]}
    limited = await portal.call("PUT", path, token=rita, json={"customers": [OTHER]}, headers=tag)
    closed = await seconds_until(portal, sally, inside, 404)
    unsold = await seconds_without(portal, sally, f"{base}/licences", TENANT)
    listed = await portal.call("GET", f"{base}/customers", token=sally)
    export = await portal.call("GET", f"{base}/customers/export", token=sally)
    ordered = await portal.call("POST", f"{base}/licence-orders", token=sally, json=order)
    itself = await portal.call("PUT", path, token=sally, json={"customers": None}, headers=tag)
    tag = {"If-Match": limited.headers["ETag"]}
    await portal.call("PUT", path, token=rita, json={"customers": None}, headers=tag)
    opened = await seconds_until(portal, sally, inside, 200)
    gone = await let_go(portal, rita, f"{base}/users/{invited.body['id']}")

    assert (before.status, limited.status) == (200, 200)
    assert max(closed, unsold, opened) < 1
    assert [one["id"] for one in listed.body["items"]] == [OTHER]
    assert TENANT.encode() not in export.raw
    assert (ordered.status, ordered.code) == (422, "unknown_customer")
    assert (itself.status, gone) == (403, 204)
