"""Why somebody may or may not do something somewhere, told to the vendor and to nobody else."""

from typing import Any, Final

import pytest

from shared.access import Permission
from shared.contracts.auth import AccountDeleted
from shared.passes import GATEWAY
from tests.support.service import NOON, Client, a_pass
from tests.support.tenancy import a_licence_of, add_tenant, an_account

TENANT: Final = "123456.sms"
VENDOR: Final = a_pass("vendor", Permission.USER_READ)
PATH: Final = "/v1/access/explain"


@pytest.fixture
async def world(tenancy: Client) -> Client:
    """A customer of 100001.rsp with a licence, and accounts of all sides."""
    await add_tenant(tenancy, TENANT)
    await tenancy.deliver(a_licence_of(TENANT))
    for account in (
        an_account("rita", "100001.rsp", "reseller-support"),
        an_account("rolf", "100002.rsp", "reseller-admin"),
        an_account("anna", TENANT, "admin"),
        an_account("sam", "vendor", "support"),
    ):
        await tenancy.deliver(account)
    return tenancy


async def explained(world: Client, account: str, place: str = TENANT) -> dict[str, Any]:
    params = {"place": place, "account": account}
    answer = await world.get(PATH, as_=VENDOR, params=params)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


def against(found: dict[str, Any]) -> list[str]:
    return [fact["about"] for fact in found["facts"] if not fact["is_in_favour"]]


async def test_whoever_may_do_something_is_told_what_and_until_when(world: Client) -> None:
    found = await explained(world, "rita")

    assert (found["relation"], against(found)) == ("assigned", [])
    assert "user:read" in found["permissions"]
    assert found["valid_until"] == "2027-04-08T12:00:00Z"


async def test_what_stands_against_it_is_named(world: Client) -> None:
    admin = a_pass(TENANT, Permission.DELEGATION_MANAGE)
    headers = {"If-Match": '"0"'}
    change = {"json": {"level": "none"}, "headers": headers}
    await world.patch(f"/v1/tenants/{TENANT}/delegation", as_=admin, **change)

    assert against(await explained(world, "rita")) == ["delegation", "decision"]
    assert against(await explained(world, "rolf")) == ["relation", "decision"]
    assert against(await explained(world, "sam")) == ["support access", "decision"]


async def test_a_licence_that_ended_is_named(world: Client) -> None:
    await add_tenant(world, "123457.sms")

    assert against(await explained(world, "rita", "123457.sms")) == ["licence", "decision"]


async def test_whoever_belongs_to_a_tenant_on_its_way_out_may_do_nothing(world: Client) -> None:
    seller = a_pass(TENANT, *Permission, org="100001.rsp", factor_at=int(NOON.timestamp()))
    tag = (await world.get(f"/v1/tenants/{TENANT}", as_=seller)).headers["ETag"]
    body, headers = {"reason": "As agreed"}, {"If-Match": tag}
    left = await world.post(
        f"/v1/tenants/{TENANT}/offboard", as_=seller, json=body, headers=headers
    )

    found = await explained(world, "anna")

    assert left.status == 200, left.body
    assert found["permissions"] == []
    assert {"organisation", "place", "decision"} <= set(against(found))


async def test_disabled_and_deleted_accounts_may_do_nothing(world: Client) -> None:
    await world.deliver(an_account("anna", TENANT, "admin", status="disabled"), sequence=2)
    disabled = await explained(world, "anna")
    await world.deliver(an_account("anna", TENANT, "admin"), sequence=1)  # late
    await world.deliver(AccountDeleted(account_id="anna", org=TENANT), sequence=3)
    deleted = await explained(world, "anna")

    assert disabled["permissions"] == deleted["permissions"] == []
    assert "account" in against(disabled)


async def test_the_explanation_and_the_gateways_answer_are_one_decision(world: Client) -> None:
    for account, org in (("rita", "100001.rsp"), ("rolf", "100002.rsp"), ("anna", TENANT)):
        params = {"org": org, "account": account}
        answer = await world.get(f"/internal/places/{TENANT}", as_=a_pass(GATEWAY), params=params)
        found = await explained(world, account)

        assert found["relation"] == answer.body.get("relation")
        assert found["valid_until"] == answer.body.get("valid_until")


async def test_without_an_account_ones_own_is_explained(world: Client) -> None:
    sam = a_pass("vendor", Permission.USER_READ, subject="sam")

    answer = await world.get(PATH, as_=sam, params={"place": TENANT})

    assert (answer.status, answer.body) == (200, await explained(world, "sam"))


async def test_nothing_secret_is_told(world: Client) -> None:
    answer = await world.get(PATH, as_=VENDOR, params={"place": TENANT, "account": "anna"})

    assert "@somewhere.example" not in str(answer.body)


@pytest.mark.parametrize("org", ["100001.rsp", TENANT])
async def test_nobody_but_the_vendor_is_told_anything(world: Client, org: str) -> None:
    other = a_pass(org, Permission.USER_READ)
    without = a_pass("vendor", Permission.TENANT_READ)
    params = {"place": TENANT, "account": "anna"}

    assert (await world.get(PATH, as_=other, params=params)).status == 403
    assert (await world.get(PATH, as_=without, params=params)).status == 403


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 422),
        ({"place": TENANT, "account": "a" * 65}, 422),
        ({"place": TENANT, "account": "a b"}, 404),
        ({"place": TENANT, "account": "nobody"}, 404),
        ({"place": "999999.sms", "account": "anna"}, 404),
        ({"place": "no place", "account": "anna"}, 404),
    ],
)
async def test_what_is_not_there_can_not_be_explained(
    world: Client, params: dict[str, str], status: int
) -> None:
    assert (await world.get(PATH, as_=VENDOR, params=params)).status == status
