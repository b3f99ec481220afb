"""Licences for a reseller's own use go to its own tenant, once it has said which that is."""

from typing import Any, Final

from shared.access import Permission
from shared.contracts.tenancy import TenantCreated
from tests.support.service import Answer, Client, a_pass

OWN, CUSTOMER = "123457.sms", "123456.sms"
PATH: Final = "/v1/resellers/100001.rsp/licence-orders"
MADE: Final = TenantCreated(
    tenant_id=OWN, name="Ours", reseller_id="100001.rsp", locale="de", own_tenant=True
)


async def order(licensing: Client, tenant: str) -> Answer:
    body: dict[str, Any] = {
        "product": "mobile-security",
        "model": "nfr",
        "seats": 3,
        "customer": {"tenant_id": tenant},
    }
    return await licensing.post(
        PATH, as_=a_pass("100001.rsp", Permission.LICENCE_CREATE), json=body
    )


async def test_they_go_there_and_nowhere_else(licensing: Client) -> None:
    await licensing.deliver(MADE, times=2)

    refused, placed = await order(licensing, CUSTOMER), await order(licensing, OWN)

    assert (refused.status, refused.body["code"]) == (409, "not_own_tenant")
    assert placed.status == 202


async def test_what_is_said_later_counts_more_than_where_the_first_one_went(
    licensing: Client,
) -> None:
    first = await order(licensing, CUSTOMER)

    await licensing.deliver(MADE)

    assert first.status == 202
    assert (await order(licensing, CUSTOMER)).status == 409
    assert (await order(licensing, OWN)).status == 202


async def test_of_a_reseller_that_is_yet_to_be_heard_of_it_is_kept_for_later(
    licensing: Client,
) -> None:
    early = MADE.model_copy(update={"reseller_id": "100009.rsp", "tenant_id": "900001.sms"})

    await licensing.deliver(early)

    assert len(await licensing.failed()) == 1
