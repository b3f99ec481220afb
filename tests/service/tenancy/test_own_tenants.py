"""A reseller's own tenant: one, marked as such, and an ordinary customer after a transfer."""

import asyncio
from typing import Any, Final

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import TenantCreated
from tests.support.service import NOON, Answer, Client, a_pass

PATH: Final = "/v1/resellers/100001.rsp/customers"
SALES: Final = a_pass("100001.rsp", *GRANTS[Role.RESELLER_SALES][Relation.OWN])


async def create(tenancy: Client, *, own: Any = True, path: str = PATH) -> Answer:
    as_ = a_pass(path.split("/")[3], Permission.TENANT_CREATE)
    return await tenancy.post(path, as_=as_, json={"name": "Ours", "own_tenant": own})


async def test_a_reseller_has_one_and_sees_which(tenancy: Client) -> None:
    own, second = await create(tenancy), await create(tenancy)
    other = await create(tenancy, own=False)
    elsewhere = await create(tenancy, path="/v1/resellers/100002.rsp/customers")
    unclear = await create(tenancy, own="yes")

    assert (own.status, own.body["own_tenant"]) == (201, True)
    assert (second.status, second.body["code"]) == (409, "own_tenant_exists")
    assert (other.body["own_tenant"], elsewhere.status, unclear.status) == (False, 201, 422)
    listed = (await tenancy.get(PATH, as_=SALES)).body["items"]
    assert {one["id"]: one["own_tenant"] for one in listed} == {
        own.body["id"]: True,
        other.body["id"]: False,
    }
    told = [event.own_tenant for event in await tenancy.heard(TenantCreated)]
    assert told == [True, False, True]


async def test_of_many_that_are_made_at_once_one_is_left(tenancy: Client) -> None:
    async with asyncio.TaskGroup() as group:
        made = [group.create_task(create(tenancy)) for _ in range(6)]

    assert sorted(one.result().status for one in made) == [201, 409, 409, 409, 409, 409]
    assert len(await tenancy.heard(TenantCreated)) == 1


async def test_at_another_reseller_it_is_a_customer_like_any(tenancy: Client) -> None:
    tenant = (await create(tenancy)).body["id"]
    mover = a_pass(
        tenant, Permission.TENANT_TRANSFER, org="vendor", factor_at=int(NOON.timestamp())
    )
    body = {"reseller_id": "100002.rsp", "reason": "Merged"}

    moved = await tenancy.post(f"/v1/tenants/{tenant}/transfer", as_=mover, json=body)
    again = await create(tenancy)

    assert (moved.status, moved.body["own_tenant"], again.status) == (200, False, 201)
