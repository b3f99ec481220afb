"""Checks of what devices may use: the answer, the reason, and for how long it may be kept."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.access import Permission
from shared.passes import PUBLIC
from tests.support.licensing import a_licence, another_replica
from tests.support.service import NOON, Answer, Client, a_pass

MACHINE = a_pass("vendor", Permission.ENTITLEMENT_CHECK)
ADMIN = a_pass("123456.sms", Permission.DEVICE_MANAGE)
DEVICES = "/v1/tenants/123456.sms/devices"


async def ask(licensing: Client, feature: str = "vpn", **about: str) -> Answer:
    body = {"feature": feature, **about}
    return await licensing.post("/v1/entitlements/check", as_=MACHINE, json=body)


async def code(licensing: Client, feature: str = "vpn", **about: str) -> str:
    answer = await ask(licensing, feature, **about)
    assert answer.status == 200
    assert answer.body["allowed"] == (answer.body["code"] == "valid")
    return str(answer.body["code"])


async def add(licensing: Client, number: int = 1) -> str:
    """A device's id; its fingerprint is `fingerprint-<number>`."""
    body = {
        "licence_id": "l-1",
        "fingerprint": f"fingerprint-{number}",
        "name": "Tablet",
        "platform": "ios",
    }
    return str((await licensing.post(DEVICES, as_=ADMIN, json=body)).body["device_id"])


async def test_a_device_a_key_and_both_are_answered_alike(licensing: Client) -> None:
    key = await a_licence(licensing)
    device_id = await add(licensing)

    by_device = await ask(licensing, device_id=device_id)
    by_key = await ask(licensing, licence_key=key)
    by_both = await ask(licensing, licence_key=key, fingerprint="fingerprint-1")

    assert by_device.body == by_key.body == by_both.body
    assert by_device.body == {
        "allowed": True,
        "code": "valid",
        "until": "2027-04-08T22:00:00Z",
        "max_age": 60,
        "tenant_id": "123456.sms",
        "licence_id": "l-1",
    }
    assert by_device.headers["Cache-Control"] == "private, max-age=60"


async def test_what_nobody_licensed_is_no_and_is_not_kept(licensing: Client) -> None:
    key = await a_licence(licensing)

    unknown = await ask(licensing, licence_key="MS-00000-00000-00000-00000")
    no_device = await ask(licensing, device_id="0" * 32)
    not_activated = await ask(licensing, licence_key=key, fingerprint="fingerprint-9")

    assert [answer.body["code"] for answer in (unknown, no_device, not_activated)] == [
        "licence_unknown",
        "device_not_activated",
        "device_not_activated",
    ]
    assert {answer.body["max_age"] for answer in (unknown, no_device, not_activated)} == {0}
    assert not_activated.headers["Cache-Control"] == "no-store"
    assert unknown.body["tenant_id"] is None


async def test_a_feature_that_the_product_lacks_is_no(licensing: Client) -> None:
    key = await a_licence(licensing, product="mdm")

    codes = [
        await code(licensing, feature, licence_key=key)
        for feature in ("device-management", "cyber-defense-cloud", "no-such-feature")
    ]

    assert codes == ["valid", "feature_not_included", "feature_not_included"]


async def test_the_answer_changes_with_the_instant_and_is_kept_no_longer(
    licensing: Client,
) -> None:
    key = await a_licence(licensing, starts_on="2026-03-11", ends_on="2026-03-11")
    seen = []

    for step in (timedelta(0), timedelta(hours=10, minutes=59, seconds=30), timedelta(seconds=30)):
        licensing.now.advance(step)
        seen.append((await ask(licensing, licence_key=key)).body)
    licensing.now.advance(timedelta(days=31) - timedelta(hours=1, seconds=10))
    seen.append((await ask(licensing, licence_key=key)).body)
    licensing.now.advance(timedelta(seconds=10))
    seen.append((await ask(licensing, licence_key=key)).body)

    assert [(each["code"], each["max_age"]) for each in seen] == [
        ("licence_not_started", 60),
        ("licence_not_started", 30),
        ("valid", 60),
        ("valid", 10),
        ("licence_expired", 60),
    ]
    assert seen[-1]["until"] is None


async def test_the_first_reason_in_the_published_order_is_told(licensing: Client) -> None:
    key = await a_licence(licensing, product="mdm", ends_on="2026-03-10")
    licensing.now.advance(timedelta(days=60))

    expired_without_seat = await code(licensing, licence_key=key, fingerprint="fingerprint-9")
    expired_and_not_included = await code(licensing, "vpn", licence_key=key)

    assert expired_without_seat == "device_not_activated"
    assert expired_and_not_included == "licence_expired"


async def test_a_removed_device_is_no_at_once_in_every_replica(licensing: Client) -> None:
    key = await a_licence(licensing)
    first, second = await add(licensing, 1), await add(licensing, 2)
    by_both = {"licence_key": key, "fingerprint": "fingerprint-1"}

    async with another_replica(licensing) as other:
        for replica in (licensing, other):
            assert await code(replica, device_id=first) == "valid"
            assert await code(replica, **by_both) == "valid"
        await licensing.delete(f"{DEVICES}/{first}", as_=ADMIN)
        removed = [await code(replica, device_id=first) for replica in (other, licensing)]
        removed += [await code(replica, **by_both) for replica in (other, licensing)]
        kept = [await code(replica, device_id=second) for replica in (other, licensing)]
        back = await add(licensing, 1)
        again = [await code(replica, device_id=back) for replica in (other, licensing)]
        old_id = [await code(replica, device_id=first) for replica in (other, licensing)]

    assert removed == ["device_not_activated"] * 4
    assert kept == again == ["valid", "valid"]
    assert old_id == ["device_not_activated"] * 2


async def test_many_are_answered_as_if_each_was_asked_alone(licensing: Client) -> None:
    key = await a_licence(licensing)
    device_id = await add(licensing)
    checks: list[dict[str, Any]] = [
        {"feature": "vpn", "device_id": device_id},
        {"feature": "unified-report", "licence_key": key},
        {"feature": "vpn", "licence_key": "MS-NO"},
    ]

    many = await licensing.post(
        "/v1/entitlements/checks", as_=MACHINE, json={"checks": checks * 33}
    )
    alone = [
        (await licensing.post("/v1/entitlements/check", as_=MACHINE, json=each)).body
        for each in checks
    ]

    assert many.body == {"decisions": alone * 33}
    assert many.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "flaw",
    [
        {},
        {"device_id": "d-1", "licence_key": "MS-1"},
        {"device_id": "d-1", "fingerprint": "fingerprint-1"},
        {"fingerprint": "fingerprint-1"},
        {"licence_key": {"$gt": ""}},
        {"device_id": {"$ne": None}},
        {"licence_key": ""},
        {"licence_key": "MS-1", "feature": "VPN"},
        {"licence_key": "MS-1", "feature": ["vpn"]},
        {"licence_key": "MS-1", "tenant": "123456.sms"},
    ],
)
async def test_a_check_asks_one_thing_in_one_way(licensing: Client, flaw: dict[str, Any]) -> None:
    body = {"feature": "vpn", **flaw}

    alone = await licensing.post("/v1/entitlements/check", as_=MACHINE, json=body)
    many = await licensing.post("/v1/entitlements/checks", as_=MACHINE, json={"checks": [body]})

    assert (alone.status, many.status) == (422, 422)


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_has_one_to_a_hundred(licensing: Client, count: int) -> None:
    body = {"checks": [{"feature": "vpn", "licence_key": "MS-1"}] * count}

    answer = await licensing.post("/v1/entitlements/checks", as_=MACHINE, json=body)

    assert answer.status == 422


async def test_only_who_may_check_checks(licensing: Client) -> None:
    key = await a_licence(licensing)
    body = {"feature": "vpn", "licence_key": key}
    others = [
        a_pass("vendor", *(set(Permission) - {Permission.ENTITLEMENT_CHECK})),
        a_pass("123456.sms", Permission.LICENCE_READ, Permission.DEVICE_READ),
    ]

    refused = [
        await licensing.post(path, as_=other, json=body)
        for path in ("/v1/entitlements/check", "/v1/entitlements/checks")
        for other in others
    ]
    public = await licensing.post("/v1/entitlements/check", as_=a_pass(PUBLIC), json=body)
    elsewhere = a_pass("123456.sms", Permission.ENTITLEMENT_CHECK, org="vendor")
    other_place = await licensing.post("/v1/entitlements/check", as_=elsewhere, json=body)

    assert {answer.status for answer in refused} == {403}
    assert {answer.body["code"] for answer in refused} == {"forbidden"}
    assert public.status in {401, 403}
    assert other_place.status == 401


async def test_only_checks_that_were_refused_leave_a_line_in_the_log(licensing: Client) -> None:
    key = await a_licence(licensing)

    with capture_logs() as logged:
        await ask(licensing, licence_key=key)
        await ask(licensing, "NOT A FEATURE", licence_key=key)

    answered = [line for line in logged if line["event"] == "request_answered"]
    assert [line["status_code"] for line in answered] == [422]


async def test_what_is_stopped_and_resumed_counts_in_the_next_check_everywhere(
    licensing: Client,
) -> None:
    key = await a_licence(licensing)
    device_id = await add(licensing)
    seen = []

    async with another_replica(licensing) as other:
        for act in ("suspend", "resume", "revoke"):
            assert (await manage(licensing, act)).status == 200
            seen += [await code(replica, device_id=device_id) for replica in (other, licensing)]
            seen.append(await code(other, licence_key=key))

    assert seen == ["licence_suspended"] * 3 + ["valid"] * 3 + ["licence_revoked"] * 3


async def manage(licensing: Client, act: str) -> Answer:
    fresh = int(NOON.timestamp())
    seller = a_pass("123456.sms", Permission.LICENCE_MANAGE, factor_at=fresh)
    path = f"/v1/tenants/123456.sms/licences/l-1/{act}"
    return await licensing.post(path, as_=seller, json={})


@pytest.mark.parametrize(
    ("product", "feature", "by_device", "by_key"),
    [
        ("mdm", "device-management", "valid", "licence_expired"),
        ("mobile-security", "device-management", "valid", "licence_expired"),
        ("mobile-security", "vpn", "licence_expired", "licence_expired"),
        ("unified-report", "unified-report", "licence_expired", "licence_expired"),
    ],
)
async def test_after_expiry_a_product_leaves_its_devices_what_it_promised(
    licensing: Client, product: str, feature: str, by_device: str, by_key: str
) -> None:
    key = await a_licence(licensing, product=product, ends_on="2026-03-10")
    device_id = await add(licensing)
    licensing.now.advance(timedelta(days=31))

    expired = await ask(licensing, feature, device_id=device_id)
    without_seat = await code(licensing, feature, licence_key=key)
    licensing.now.advance(timedelta(days=90))
    archived = await code(licensing, feature, device_id=device_id)

    assert (expired.body["code"], without_seat) == (by_device, by_key)
    assert (expired.body["until"] is not None) == (by_device == "valid")
    assert archived == "licence_expired"
