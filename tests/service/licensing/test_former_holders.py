"""What a licence went through elsewhere is not told to whoever has it now."""

from datetime import timedelta
from typing import Any, Final

from services.licensing.app import build
from services.licensing.domain.licences import Whose
from shared.access import Permission
from shared.contracts.tenancy import TenantCreated
from shared.passes import Pass
from tests.service.licensing.test_licences import grant
from tests.service.licensing.test_managing import do
from tests.service.licensing.test_transferred import NEW, OLD, moved
from tests.support.service import Client, a_pass

FORMER, PRESENT = "123456.sms", "123457.sms"


async def given_to_another_customer(licensing: Client) -> None:
    """Licence l-1 of the former customer goes to the present one, both of the same reseller."""
    tenant = TenantCreated(tenant_id=PRESENT, name="B", reseller_id=OLD, locale="de")
    await licensing.deliver(tenant)
    await grant(licensing, "l-1")
    licensing.now.advance(timedelta(minutes=1))
    done = await do(licensing, "transfer", {"tenant_id": PRESENT}, base=f"/v1/resellers/{OLD}")
    assert done.status == 200, done.body


async def history(licensing: Client, base: str, reader: Pass) -> list[dict[str, Any]]:
    answer = await licensing.get(f"{base}/licences/l-1/history", as_=reader)
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer.body["items"]
    return items


async def test_a_customer_reads_nothing_of_the_one_who_had_its_licence_before(
    licensing: Client,
) -> None:
    await given_to_another_customer(licensing)
    reader = a_pass(PRESENT, Permission.LICENCE_READ)

    base = f"/v1/tenants/{PRESENT}"
    told = await history(licensing, base, reader)
    then = {"at": "2026-03-10T12:00:30Z"}
    before = await licensing.get(f"{base}/licences/l-1", as_=reader, params=then)

    assert [(one["act"], one["before"]) for one in told] == [("transferred", None)]
    assert FORMER not in str(told)
    assert before.status == 404


async def test_the_reseller_of_both_reads_all_of_it(licensing: Client) -> None:
    await given_to_another_customer(licensing)

    told = await history(licensing, f"/v1/resellers/{OLD}", a_pass(OLD, Permission.LICENCE_READ))

    assert [one["act"] for one in told] == ["transferred", "created"]
    assert told[0]["before"]["tenant_id"] == FORMER


NUMBER: Final = "4711-secret"


async def handed_over(licensing: Client) -> None:
    """Licence l-1, to which its reseller gave a number of its own, goes along to another one."""
    await grant(licensing, "l-1")
    rows = licensing.mongo.collection("licences")
    await rows.update({"_id": "l-1"}, {"$set": {"reseller_number": NUMBER}})
    await licensing.deliver(moved(NEW, OLD), sequence=5)


async def test_a_reseller_reads_nothing_of_the_one_who_had_its_customer_before(
    licensing: Client,
) -> None:
    await handed_over(licensing)
    sold, inside = f"/v1/resellers/{NEW}", f"/v1/tenants/{FORMER}"

    at_its_own = await history(licensing, sold, a_pass(NEW, Permission.LICENCE_READ))
    visiting = await history(licensing, inside, a_pass(FORMER, Permission.LICENCE_READ, org=NEW))
    customers = await history(licensing, inside, a_pass(FORMER, Permission.LICENCE_READ))

    assert [(one["act"], one["before"]) for one in at_its_own] == [("handed_over", None)]
    assert visiting == at_its_own
    assert NUMBER not in str(at_its_own)
    assert [one["act"] for one in customers] == ["handed_over", "created"]


async def test_the_pages_of_what_is_told_leave_nothing_out(licensing: Client) -> None:
    await handed_over(licensing)

    async with licensing.acting(build) as deps:
        page = await deps.ledger.newest(Whose(reseller_id=NEW), "l-1", None, 1)
        older = await deps.ledger.newest(Whose(reseller_id=NEW), "l-1", page[0].version, 1)

    assert ([one.version for one in page], older) == ([2], [])
