"""What the former reseller made in a tenant ends when the tenant is another one's customer."""

from dataclasses import replace
from typing import Any

from shared.access import Permission
from shared.api_keys import digest
from shared.contracts.auth import ApiKeyRevoked
from shared.contracts.tenancy import TenantTransferred
from shared.passes import GATEWAY
from tests.support.auth import ANYBODY
from tests.support.plans import scanned
from tests.support.service import NOON, Client, a_pass
from tests.support.users import MANAGER, PATH, a_user, newest_token

OLD = replace(MANAGER, org="100001.rsp", permissions=frozenset(map(str, Permission)))
OWN = replace(MANAGER, permissions=frozenset(map(str, Permission)), factor_at=int(NOON.timestamp()))
MOVED = TenantTransferred(
    tenant_id="123456.sms",
    name="Bäckerei",
    reseller_id="100002.rsp",
    locale="de",
    status="active",
    former_reseller_id="100001.rsp",
    reason="As agreed",
)


async def invite(auth: Client, by: Any, username: str) -> str:
    created = await auth.post(PATH, as_=by, json=a_user(username))
    assert created.status == 201
    return await newest_token(auth, created.body["id"])


async def accept(auth: Client, token: str) -> int:
    body = {"token": token, "new_password": "only whoever was invited knows this"}
    return (await auth.post("/v1/password/reset", as_=ANYBODY, json=body)).status


async def make_key(auth: Client, by: Any) -> tuple[str, str]:
    path = "/v1/tenants/123456.sms/api-keys"
    body = {"name": f"Of {by.org}", "permissions": ["tenant:read"]}
    made = await auth.post(path, as_=by, json=body)
    return made.body["id"], f"/internal/api-keys/{digest(made.body['key'])}"


async def test_its_open_invitations_end_and_those_of_the_tenant_stay(auth: Client) -> None:
    theirs, own = await invite(auth, OLD, "erika"), await invite(auth, OWN, "otto")

    await auth.deliver(MOVED, sequence=2, times=2)

    assert (await accept(auth, theirs), await accept(auth, own)) == (400, 204)


async def test_keys_that_it_made_end_and_those_of_the_tenant_stay(auth: Client) -> None:
    key_id, theirs = await make_key(auth, OLD)
    _, own = await make_key(auth, OWN)

    await auth.deliver(MOVED, sequence=2, times=2)

    statuses = [(await auth.get(one, as_=a_pass(GATEWAY))).status for one in (theirs, own)]
    assert statuses == [404, 200]
    assert [one.client_id for one in await auth.heard(ApiKeyRevoked)] == [key_id]


async def test_an_index_finds_what_ends(auth: Client) -> None:
    await invite(auth, OLD, "erika")

    async with scanned(auth) as found:
        await auth.deliver(MOVED, sequence=2)

    assert found.isdisjoint({"links", "api_keys"})
