"""What tenancy says of a place narrows what roles allow there; support stays at the threshold."""

from typing import Any

import pytest

from shared.contracts.tenancy import StaffLimited, TenantAccessChanged
from shared.ids import VENDOR
from tests.service.gateway.world import RESELLER, TENANT, World, assigned, questions, status, tell

PATH = f"/v1/tenants/{TENANT}"
ENTER = f"/v1/tenants/{TENANT}/support-access"


def at_vendor(*outside: str) -> dict[str, Any]:
    found = {"relation": "vendor", "reseller_id": RESELLER, "valid_until": None}
    return {**found, "permissions": None, "outside": list(outside)}


def capped(*permissions: str) -> dict[str, Any]:
    return {**assigned(), "permissions": list(permissions), "outside": []}


async def test_a_cap_takes_away_what_roles_would_allow(seller: World) -> None:
    seller.places[TENANT] = capped("tenant:read", "licence:read")

    await status(seller)

    permissions = seller.pass_of(seller.tenancy.public[0]).permissions
    assert permissions == {"tenant:read", "licence:read"}


async def test_a_cap_gives_nobody_what_the_own_roles_do_not(seller: World) -> None:
    seller.roles = ["reseller-support"]
    seller.places[TENANT] = capped("tenant:read", "user:manage", "tenant:transfer")

    await status(seller)

    assert seller.pass_of(seller.tenancy.public[0]).permissions == {"tenant:read"}


async def test_where_the_cap_leaves_nothing_the_place_is_as_absent(seller: World) -> None:
    seller.places[TENANT] = capped()

    assert await status(seller) == 404
    assert seller.handed_on == []


async def test_a_narrower_answer_holds_as_soon_as_the_news_is_heard(seller: World) -> None:
    seller.places[TENANT] = assigned()
    before = await status(seller)

    seller.places[TENANT] = capped("licence:read")
    tell(seller, TenantAccessChanged(tenant_id=TENANT, reseller_id=RESELLER))
    await status(seller)

    assert before == 200
    assert seller.pass_of(seller.tenancy.public[-1]).permissions == {"licence:read"}


async def test_who_is_limited_to_other_customers_is_out_as_soon_as_the_news_is_heard(
    seller: World,
) -> None:
    seller.places[TENANT] = assigned()
    before = await status(seller)

    del seller.places[TENANT]
    tell(seller, StaffLimited(account_id="account-1", reseller_id=RESELLER, customers=[]))

    assert (before, await status(seller)) == (200, 404)


async def test_tenancy_is_told_who_asks_and_in_which_session(seller: World) -> None:
    await status(seller)

    (asked,) = [one.target for one in seller.tenancy.seen if one.target.startswith("/internal")]
    assert asked == f"/internal/places/{TENANT}?org={RESELLER}&account=account-1&session=session-1"


@pytest.fixture
def support(world: World) -> World:
    """Somebody of the vendor's support, who has not entered the tenant."""
    world.org, world.roles = VENDOR, ["support"]
    world.places[TENANT] = at_vendor("support")
    return world


async def test_until_support_has_entered_a_tenant_is_as_absent_as_any(support: World) -> None:
    inside = await support.as_admin("GET", PATH)
    users = await support.as_admin("GET", f"{PATH}/users")
    never = await support.as_admin("GET", "/v1/tenants/999999.sms")

    assert inside.refusal == users.refusal == never.refusal == (404, "not_found")
    assert {**inside.body, "instance": ""} == {**never.body, "instance": ""}
    assert support.handed_on == []


async def test_support_may_knock_and_is_inside_once_tenancy_says_so(support: World) -> None:
    knocked = await support.as_admin("POST", ENTER, json={"reason": "7", "duration": "PT1H"})
    outside = await status(support)

    support.places[TENANT] = at_vendor()
    tell(support, TenantAccessChanged(tenant_id=TENANT, reseller_id=RESELLER))
    inside = await status(support)

    assert (knocked.status, outside, inside) == (200, 404, 200)
    assert support.pass_of(support.tenancy.public[0]).permissions == {"tenant:enter"}
    assert "user:read" in support.pass_of(support.tenancy.public[-1]).permissions


async def test_a_threshold_is_remembered_and_asks_nobody_again(support: World) -> None:
    for _ in range(3):
        await status(support)

    assert questions(support) == (1, 1)


async def test_other_roles_of_the_same_person_are_not_shut_out(support: World) -> None:
    support.roles = ["support", "sales"]

    seen = await status(support)

    permissions = support.pass_of(support.tenancy.public[0]).permissions
    assert seen == 200
    assert "tenant:edit" in permissions
    assert not {"user:read", "device:read", "activity:read"} & permissions
