"""What a reseller's people made in a tenant ends where they could not make it any more."""

from typing import Final

from services.auth.app import build
from services.auth.store.delegations import Delegations
from shared.api_keys import digest
from shared.contracts.auth import ApiKeyRevoked
from shared.contracts.tenancy import AccessEnded, DelegationChanged, TenantDeleted
from shared.passes import GATEWAY, Pass
from tests.service.auth_users.test_transferred import OLD, OWN, accept, invite
from tests.support.service import Client, a_pass

TENANT, RESELLER = "123456.sms", "100001.rsp"
ENDED: Final = AccessEnded(
    access_id="a-1",
    tenant_id=TENANT,
    reseller_id=RESELLER,
    roles=["reseller-admin"],
    reason="Set up devices",
)


def limited_to(level: str) -> DelegationChanged:
    return DelegationChanged(tenant_id=TENANT, reseller_id=RESELLER, level=level)


async def make_key(auth: Client, by: Pass, *permissions: str) -> str:
    """The gateway's question about a new key."""
    body = {"name": "Report", "permissions": list(permissions)}
    made = await auth.post(f"/v1/tenants/{TENANT}/api-keys", as_=by, json=body)
    assert made.status == 201, made.body
    return f"/internal/api-keys/{digest(made.body['key'])}"


async def are_good(auth: Client, *keys: str) -> list[bool]:
    return [(await auth.get(key, as_=a_pass(GATEWAY))).status == 200 for key in keys]


async def test_keys_that_may_do_more_than_is_left_end_and_those_of_the_tenant_stay(
    auth: Client,
) -> None:
    reads = await make_key(auth, OLD, "device:read")
    manages = await make_key(auth, OLD, "device:read", "device:manage")
    own = await make_key(auth, OWN, "device:manage")

    await auth.deliver(limited_to("full"), sequence=1)
    at_full = await are_good(auth, reads, manages, own)
    await auth.deliver(limited_to("read_only"), sequence=2, times=2)
    at_read_only = await are_good(auth, reads, manages, own)
    await auth.deliver(limited_to("none"), sequence=3)
    at_none = await are_good(auth, reads, manages, own)

    assert at_full == [True, True, True]
    assert at_read_only == [True, False, True]
    assert at_none == [False, False, True]
    assert len(await auth.heard(ApiKeyRevoked)) == 2


async def test_its_open_invitations_end_where_it_manages_no_users_any_more(auth: Client) -> None:
    theirs, own = await invite(auth, OLD, "erika"), await invite(auth, OWN, "otto")

    await auth.deliver(limited_to("read_only"))

    assert (await accept(auth, theirs), await accept(auth, own)) == (400, 204)


async def test_news_that_come_late_end_nothing(auth: Client) -> None:
    await auth.deliver(limited_to("full"), sequence=2)
    key = await make_key(auth, OLD, "device:manage")

    await auth.deliver(limited_to("none"), sequence=1)

    assert await are_good(auth, key) == [True]


async def test_a_key_outlives_no_access_for_a_time(auth: Client) -> None:
    await auth.deliver(limited_to("read_only"))
    reads, manages = (
        await make_key(auth, OLD, "device:read"),
        await make_key(auth, OLD, "device:manage"),
    )

    await auth.deliver(ENDED, times=2)

    assert await are_good(auth, reads, manages) == [True, False]


async def test_an_access_that_gave_nothing_ends_nothing(auth: Client) -> None:
    key = await make_key(auth, OLD, "device:manage")

    await auth.deliver(ENDED)

    assert await are_good(auth, key) == [True]


async def test_of_a_tenant_that_is_deleted_nothing_is_kept(auth: Client) -> None:
    await auth.deliver(limited_to("none"))
    gone = TenantDeleted(tenant_id=TENANT, reseller_id=RESELLER, name="Acme")
    await auth.deliver(gone, sequence=9)

    async with auth.acting(build) as deps:
        await deps.purges.carry_out(deps.belongings.delete_some)
        deps.hasher.close()

    assert isinstance(deps.delegations, Delegations)
    assert await auth.mongo.collection("delegations").count({}) == 0
