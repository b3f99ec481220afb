"""What tenancy makes of the news of licences: validity, states and whose they are."""

from datetime import timedelta
from typing import Any

import pytest

from services.tenancy.actions.customers import renew_lists
from services.tenancy.app import build
from shared.access import Permission
from shared.contracts.licensing import LicenceChanged
from shared.contracts.tenancy import TenantAccessChanged
from shared.passes import GATEWAY
from tests.support.service import NOON, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant

TENANT = "123456.sms"
STAFF = a_pass("100001.rsp", Permission.TENANT_READ)
DOOR = a_pass(GATEWAY)


def changed(tenant_id: str = TENANT, **changes: Any) -> LicenceChanged:
    """A licence that runs for a year, after this change."""
    timeline = a_licence_of(tenant_id).timeline.model_copy(update=changes.pop("timeline", {}))
    facts: dict[str, Any] = {
        "licence_id": "l-1",
        "tenant_id": tenant_id,
        "reseller_id": "100001.rsp",
        "act": "renewed",
        "product": "mdm",
        "model": "term",
        "seats": 5,
        "starts_on": "2026-03-09",
        "ends_on": "2027-03-09",
        "state": "active",
        "timeline": timeline,
    }
    return LicenceChanged.model_validate({**facts, **changes})


def stopped(why: str) -> LicenceChanged:
    instants = {"expiring_at": NOON, "grace_at": NOON, "expired_at": NOON, "stopped": why}
    return changed(act=why, state=why, timeline=instants)


async def is_open(tenancy: Client, tenant_id: str = TENANT) -> bool:
    path = f"/internal/places/{tenant_id}"
    answer = await tenancy.get(path, as_=DOOR, params={"org": "100001.rsp"})
    return answer.status == 200


async def listed(tenancy: Client, **query: str) -> list[tuple[str, str, str | None]]:
    answer = await tenancy.get("/v1/resellers/100001.rsp/customers", as_=STAFF, params=query)
    return [
        (item["id"], item["licence_state"], item["licence_ends_on"])
        for item in answer.body["items"]
    ]


@pytest.mark.parametrize("why", ["suspended", "cancelled", "revoked"])
async def test_a_licence_that_was_stopped_opens_nothing_and_is_listed_so(
    tenancy: Client, why: str
) -> None:
    await add_tenant(tenancy, TENANT)
    await tenancy.deliver(a_licence_of(TENANT))
    before = await is_open(tenancy)

    await tenancy.deliver(stopped(why), sequence=2, times=2)

    assert (before, await is_open(tenancy)) == (True, False)
    assert await listed(tenancy, licence_state=why) == [(TENANT, why, "2027-03-09")]
    assert await listed(tenancy, licence_state="expired") == []
    assert len(await tenancy.heard(TenantAccessChanged)) == 2


async def test_news_that_comes_late_changes_nothing(tenancy: Client) -> None:
    await add_tenant(tenancy, TENANT)
    await tenancy.deliver(stopped("suspended"), sequence=2)

    await tenancy.deliver(a_licence_of(TENANT), sequence=1)

    assert not await is_open(tenancy)
    await tenancy.deliver(changed(act="resumed"), sequence=3)
    assert await is_open(tenancy)


async def test_a_renewed_licence_opens_what_had_closed(tenancy: Client) -> None:
    await add_tenant(tenancy, TENANT)
    await tenancy.deliver(a_licence_of(TENANT, starts=-400, ends=-35))
    before = await is_open(tenancy)

    await tenancy.deliver(changed(), sequence=2)

    assert (before, await is_open(tenancy)) == (False, True)


async def test_a_licence_without_an_end_is_listed_without_one(tenancy: Client) -> None:
    await add_tenant(tenancy, TENANT)
    await tenancy.deliver(a_licence_of(TENANT))

    await tenancy.deliver(changed(model="msp", seats=None, ends_on=None), sequence=2)

    assert await listed(tenancy) == [(TENANT, "active", None)]


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_licence_that_went_to_another_tenant_opens_only_that_one(
    tenancy: Client, *, is_late: bool
) -> None:
    await add_tenant(tenancy, TENANT)
    await add_tenant(tenancy, "123457.sms")
    moved = changed("123457.sms", act="transferred", former_tenant_id=TENANT)
    news = [(a_licence_of(TENANT), 1), (moved, 2)]

    for event, sequence in reversed(news) if is_late else news:
        await tenancy.deliver(event, sequence=sequence)

    assert [await is_open(tenancy, each) for each in (TENANT, "123457.sms")] == [False, True]
    assert await listed(tenancy, licence_state="none") == [(TENANT, "none", None)]
    tenancy.now.advance(timedelta(days=500))
    async with tenancy.acting(build) as deps:
        await renew_lists(deps)
    assert await listed(tenancy, licence_state="expired") == [
        ("123457.sms", "expired", "2027-03-09")
    ]
