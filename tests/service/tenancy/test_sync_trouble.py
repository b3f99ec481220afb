"""What the vendor is told of a synchronisation that needs a person: once a day per cause."""

from datetime import timedelta

from services.tenancy.domain.sync import Outcome
from shared.contracts.tenancy import SyncTroubleAnnounced
from tests.support.service import Client
from tests.support.sync import NORTH, SOUTH, send
from tests.support.tenancy import add_tenant

DAY = timedelta(days=1)
RESELLER = "100001.rsp"


async def claim_anothers(tenancy: Client, times: int, by: str = SOUTH) -> None:
    """Messages about what another company has, which are rejected as `not_yours`."""
    for _ in range(times):
        said = {"reseller_id": by, "tenant_id": "123456.sms", "name": "Mine"}
        await send(tenancy, "customer.upserted", said)
        await _settled(tenancy)
        tenancy.now.advance(timedelta(seconds=1))


async def compare(tenancy: Client, *, differing: bool = True) -> None:
    """As somebody who has the customer otherwise, or whose comparison leaves it out."""
    digests = {"customer": {"123456.sms": "0" * 64}} if differing else {"company": {}}
    await send(tenancy, "records.compared", {"reseller_id": RESELLER, "digests": digests})
    await _settled(tenancy)


async def _settled(tenancy: Client) -> None:
    await tenancy.heard(SyncTroubleAnnounced)


async def told(tenancy: Client) -> list[tuple[str, int]]:
    return [(one.cause, one.count) for one in await tenancy.heard(SyncTroubleAnnounced)]


async def test_many_rejections_for_one_reason_are_told_once_a_day(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    await claim_anothers(tenancy, 5)
    on_the_first_day = await told(tenancy)
    tenancy.now.advance(DAY)
    await claim_anothers(tenancy, 3, by=NORTH)

    assert on_the_first_day == [("not_yours", 1)]
    assert [cause for cause, _ in await told(tenancy)] == ["not_yours", "not_yours"]
    last = (await tenancy.heard(SyncTroubleAnnounced))[-1]
    assert (last.how, last.reseller_id, last.record) == ("rejected", NORTH, "123456.sms")
    assert last.count == 5  # four that followed the first mail, and the one that is told


async def test_another_reason_is_another_cause(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    await claim_anothers(tenancy, 2)
    await send(tenancy, "company.upserted", {"reseller_id": NORTH})
    await send(tenancy, "invoice.upserted", {"reseller_id": NORTH})

    causes = [cause for cause, _ in await told(tenancy)]
    assert sorted(causes) == ["does_not_fit_its_contract", "not_yours", "unknown_type"]


async def test_what_is_applied_or_ignored_is_no_trouble(tenancy: Client) -> None:
    said = {"reseller_id": NORTH, "name": "North", "is_verified": True}

    await send(tenancy, "company.upserted", said, times=2)
    await send(tenancy, "company.upserted", said, sequence=1)

    assert await told(tenancy) == []
    assert await tenancy.mongo.collection("sync_messages").count(
        {"outcome": {"$ne": Outcome.REJECTED.value}}
    )


async def test_a_drift_that_is_just_found_is_mended_and_not_told(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    await compare(tenancy)
    await compare(tenancy)

    assert await told(tenancy) == []


async def test_a_drift_that_stays_is_told_once_a_day(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    for _ in range(3):
        await compare(tenancy)
        tenancy.now.advance(timedelta(hours=2))
    tenancy.now.advance(DAY)
    await compare(tenancy)

    found = await tenancy.heard(SyncTroubleAnnounced)
    assert [(one.cause, one.how, one.count) for one in found] == [("drift", "differing", 1)] * 2
    assert {(one.reseller_id, one.record) for one in found} == {(RESELLER, "123456.sms")}


async def test_a_drift_that_was_gone_in_between_is_a_new_one(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    await compare(tenancy)
    tenancy.now.advance(timedelta(hours=2))
    await compare(tenancy, differing=False)
    await compare(tenancy)

    assert await told(tenancy) == []
