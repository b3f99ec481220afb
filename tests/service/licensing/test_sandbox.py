"""Sandboxes: a clock that runs ahead, for the licences of one tenant and nobody else's."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.licensing.actions import pass_time as noticing
from services.licensing.app import build
from shared.access import Permission
from shared.contracts.licensing import LicenceChanged, LicenceCreated, LicenceEndAnnounced
from shared.contracts.tenancy import TenantCreated
from shared.passes import PUBLIC
from tests.support.licensing import a_licence
from tests.support.service import NOON, Answer, Client, a_pass
from tests.support.verifiers import the_example

SANDBOX = "777777.sms"
CLOCK = f"/v1/tenants/{SANDBOX}/sandbox/clock"
LICENCES = f"/v1/tenants/{SANDBOX}/licences"
DEVICES = f"/v1/tenants/{SANDBOX}/devices"
ADMIN = a_pass(
    SANDBOX,
    Permission.TENANT_EDIT,
    Permission.LICENCE_READ,
    Permission.LICENCE_MANAGE,
    Permission.DEVICE_MANAGE,
    factor_at=int(NOON.timestamp()),
)
MACHINE = a_pass("vendor", Permission.ENTITLEMENT_CHECK)
DAY = timedelta(days=1)


@pytest.fixture
async def sandbox(licensing: Client) -> Client:
    """With a sandbox of 100001.rsp and a licence of it from 2026-03-10 to 2026-06-09."""
    tenant = TenantCreated(
        tenant_id=SANDBOX, name="Trial", reseller_id="100001.rsp", locale="en", sandbox=True
    )
    await licensing.deliver(tenant)
    await a_licence(licensing, of=SANDBOX, ends_on="2026-06-09")
    return licensing


async def forward(licensing: Client, by: str, **more: Any) -> Answer:
    return await licensing.post(CLOCK, as_=ADMIN, json={"forward": by}, **more)


async def state(licensing: Client) -> str:
    return str((await licensing.get(f"{LICENCES}/l-1", as_=ADMIN)).body["state"])


async def add(licensing: Client, number: int = 1) -> Answer:
    body = {
        "licence_id": "l-1",
        "fingerprint": f"fingerprint-{number}",
        "name": "Tablet",
        "platform": "ios",
    }
    return await licensing.post(DEVICES, as_=ADMIN, json=body)


async def check(licensing: Client, device_id: str) -> dict[str, Any]:
    body = {"feature": "vpn", "device_id": device_id}
    answer = await licensing.post("/v1/entitlements/check", as_=MACHINE, json=body)
    assert isinstance(answer.body, dict)
    return answer.body


async def test_a_licence_passes_through_its_states_as_the_clock_moves(sandbox: Client) -> None:
    device_id = (await add(sandbox)).body["device_id"]
    seen = []

    for by in ("P62D", "P30D", "P30D"):
        await forward(sandbox, by)
        seen.append((await state(sandbox), (await check(sandbox, device_id))["code"]))

    clock = (await sandbox.get(CLOCK, as_=ADMIN)).body
    assert clock == {"now": "2026-07-10T12:00:00Z", "ahead": "P122D"}
    assert seen == [("expiring", "valid"), ("grace", "valid"), ("expired", "licence_expired")]
    refused = await add(sandbox, 2)
    assert (refused.status, refused.body["reason"]) == (409, "expired")


async def test_others_hear_the_timeline_in_their_own_time(sandbox: Client) -> None:
    await forward(sandbox, "P62D")

    [created] = [one for one in await sandbox.heard(LicenceCreated) if one.tenant_id == SANDBOX]
    changed, *_ = await sandbox.heard(LicenceChanged)
    envelope, *_ = await sandbox.envelopes(LicenceChanged)
    ahead = timedelta(days=62)
    assert changed.act == "clock_moved"
    assert changed.state == "expiring"
    assert changed.ends_on == date(2026, 6, 9)
    assert created.timeline.expired_at - changed.timeline.expired_at == ahead
    assert created.timeline.starts_at - changed.timeline.starts_at == ahead
    assert changed.timeline.expiring_at < NOON < changed.timeline.grace_at
    assert envelope.sequence == 2


async def test_an_answer_says_in_real_time_when_it_changes(sandbox: Client) -> None:
    device_id = (await add(sandbox)).body["device_id"]
    valid_until = datetime(2026, 7, 9, 22, tzinfo=UTC)
    await forward(sandbox, "P121DT9H59M30S")

    decision = await check(sandbox, device_id)
    sandbox.now.advance(timedelta(seconds=30))
    after = await check(sandbox, device_id)

    assert decision["code"] == "valid"
    assert decision["max_age"] == 30
    assert datetime.fromisoformat(decision["until"]) == NOON + timedelta(seconds=30)
    assert NOON + timedelta(days=121, hours=9, minutes=59, seconds=60) == valid_until
    assert after["code"] == "licence_expired"


async def test_a_licence_file_of_a_sandbox_ends_when_its_licence_does(sandbox: Client) -> None:
    await forward(sandbox, "P120D")
    anybody = a_pass(PUBLIC)
    example = the_example()

    file = (await sandbox.get(f"{LICENCES}/l-1/file", as_=ADMIN)).body
    keys = (await sandbox.get("/.well-known/licence-keys.json", as_=anybody)).body
    revoked = (await sandbox.get("/.well-known/licence-revocations", as_=anybody)).body
    contents = example.verify(file, keys, revoked, int(NOON.timestamp()))

    assert contents["exp"] == int((datetime(2026, 7, 9, 22, tzinfo=UTC) - 120 * DAY).timestamp())


async def test_what_is_done_in_a_sandbox_is_done_at_its_time(sandbox: Client) -> None:
    await forward(sandbox, "P92D")
    body = {"term_months": 12, "from": "now"}

    renewed = await sandbox.post(f"{LICENCES}/l-1/renew", as_=ADMIN, json=body)
    await a_licence(sandbox, "l-2", of=SANDBOX, starts_on="2026-06-10", ends_on="2026-12-31")
    second = (await sandbox.get(f"{LICENCES}/l-2", as_=ADMIN)).body

    assert renewed.status == 200, renewed.body
    assert renewed.body["ends_on"] == "2027-06-09"
    assert second["state"] == "active"


async def test_what_time_does_comes_as_the_clock_moves(sandbox: Client) -> None:
    """Ninety-one days before its last one; the reminders at 30 and 7 days, then the end."""
    for by in ("P61D", "P23D", "P8D", "P30D", "P90D"):
        await forward(sandbox, by)
        await pass_time(sandbox)
        await pass_time(sandbox)

    reminders = await sandbox.heard(LicenceEndAnnounced)
    passed = [one.state for one in await sandbox.heard(LicenceChanged) if one.act == "passed"]
    assert [(one.tenant_id, one.days_left) for one in reminders] == [(SANDBOX, 30), (SANDBOX, 7)]
    assert passed == ["expiring", "grace", "expired", "archived"]


async def pass_time(licensing: Client) -> None:
    async with licensing.acting(build) as deps:
        await noticing.pass_time(deps)


async def test_a_licence_made_in_the_future_is_new_there(sandbox: Client) -> None:
    await forward(sandbox, "P92D")
    await a_licence(sandbox, "l-2", of=SANDBOX, starts_on="2026-06-10", ends_on="2027-06-09")

    await pass_time(sandbox)

    passed = [one for one in await sandbox.heard(LicenceChanged) if one.act == "passed"]
    assert {one.licence_id for one in passed} == {"l-1"}
    licence = (await sandbox.get(f"{LICENCES}/l-2", as_=ADMIN)).body
    assert licence["created_at"] == "2026-06-10T12:00:00Z"


async def test_nobody_else_notices(sandbox: Client) -> None:
    key = await a_licence(sandbox, "l-9", of="123456.sms", ends_on="2026-06-09")
    await forward(sandbox, "P122D")

    body = {"feature": "vpn", "licence_key": key}
    decision = await sandbox.post("/v1/entitlements/check", as_=MACHINE, json=body)
    reader = a_pass("123456.sms", Permission.LICENCE_READ)
    licence = await sandbox.get("/v1/tenants/123456.sms/licences/l-9", as_=reader)

    assert decision.body["code"] == "valid"
    assert decision.body["until"] == "2026-07-09T22:00:00Z"
    assert licence.body["state"] == "active"
    assert {one.tenant_id for one in await sandbox.heard(LicenceChanged)} == {SANDBOX}


async def test_a_tenant_that_is_no_sandbox_has_no_clock(sandbox: Client) -> None:
    path = "/v1/tenants/123456.sms/sandbox/clock"
    admin = a_pass("123456.sms", Permission.TENANT_EDIT, Permission.LICENCE_READ)

    moved = await sandbox.post(path, as_=admin, json={"forward": "P1D"})
    read = await sandbox.get(path, as_=admin)

    assert (moved.status, moved.body["code"]) == (409, "not_a_sandbox")
    assert (read.status, read.body["code"]) == (409, "not_a_sandbox")


@pytest.mark.parametrize("by", ["-P1D", "PT0S", "P30000D", "tomorrow", 5.5e300, None, ["P1D"]])
async def test_a_clock_moves_ahead_only_and_not_out_of_sight(sandbox: Client, by: object) -> None:
    answer = await sandbox.post(CLOCK, as_=ADMIN, json={"forward": by})

    assert answer.status == 422
    assert (await sandbox.get(CLOCK, as_=ADMIN)).body["ahead"] == "PT0S"


async def test_a_sandbox_runs_ahead_by_at_most_twenty_years(sandbox: Client) -> None:
    steps = [(await forward(sandbox, "P3660D")).status for _ in range(3)]

    assert steps == [200, 200, 422]


async def test_moves_at_once_add_up(sandbox: Client) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(forward(sandbox, "P1D"))

    assert (await sandbox.get(CLOCK, as_=ADMIN)).body["ahead"] == "P10D"
    row = await sandbox.mongo.collection("licences").find_one({"_id": "l-1"})
    assert (row or {})["ahead_seconds"] == 10 * 86400


async def test_only_who_edits_the_tenant_moves_its_clock(sandbox: Client) -> None:
    reader = a_pass(SANDBOX, Permission.LICENCE_READ, Permission.TENANT_READ)
    elsewhere = a_pass("123456.sms", Permission.TENANT_EDIT)

    by_reader = await sandbox.post(CLOCK, as_=reader, json={"forward": "P1D"})
    by_others = await sandbox.post(CLOCK, as_=elsewhere, json={"forward": "P1D"})

    assert (by_reader.status, by_others.status) == (403, 401)


async def test_under_one_key_the_clock_is_moved_once_however_often_the_request_comes(
    sandbox: Client,
) -> None:
    key = {"Idempotency-Key": "k-1"}

    moved = [await forward(sandbox, "P10D", headers=key) for _ in range(2)]
    shown = await sandbox.get(CLOCK, as_=ADMIN)

    assert [one.body for one in moved] == [shown.body, shown.body]
    assert shown.body["ahead"] == "P10D"
