"""What the Reseller Portal hears of companies and customers, and what a comparison finds."""

from typing import Any

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from shared.contracts.tenancy import (
    CompanyRecorded,
    CustomerRecorded,
    TenancyDriftReported,
    TenancyMessageRejected,
)
from shared.drift import checksum_of, digest_of
from tests.support.service import Client, a_pass
from tests.support.sync import reasons, send
from tests.support.tenancy import add_tenant

RESELLER = "100001.rsp"
VENDOR = a_pass("vendor", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR])
ACME = {
    "tenant_id": "123456.sms",
    "reseller_id": RESELLER,
    "name": "Acme",
    "locale": "de",
    "status": "active",
}


async def rename(tenancy: Client, name: str) -> None:
    there = a_pass("123456.sms", *Permission)
    answer = await tenancy.patch(
        "/v1/tenants/123456.sms", as_=there, json={"name": name}, headers={"If-Match": '"1"'}
    )
    assert answer.status == 200


async def compare(tenancy: Client, **digests: dict[str, str]) -> TenancyDriftReported:
    said = {"reseller_id": RESELLER, "digests": digests}
    await send(tenancy, "records.compared", said)
    return (await tenancy.heard(TenancyDriftReported))[-1]


async def test_what_changes_here_is_told_as_it_is_then(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await rename(tenancy, "Acme & Sons")

    told = await tenancy.envelopes(CustomerRecorded)

    assert [(one.data["name"], one.sequence) for one in told] == [("Acme", 1), ("Acme & Sons", 2)]
    assert {one.origin for one in told} == {None}
    assert [one.name for one in await tenancy.heard(CompanyRecorded)] == [
        "Reseller 100001.rsp",
        "Reseller 100002.rsp",
    ]


async def test_nothing_is_an_echo(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    said = {"reseller_id": RESELLER, "tenant_id": "123456.sms", "name": "Theirs"}

    await send(
        tenancy,
        "company.upserted",
        {"reseller_id": "1000001.rsp", "name": "N", "is_verified": True},
    )
    await send(tenancy, "customer.upserted", said)
    await send(tenancy, "customer.removed", said, sequence=2)

    assert [one.name for one in await tenancy.heard(CustomerRecorded)] == ["Acme"]
    assert len(await tenancy.heard(CompanyRecorded)) == 2


async def test_equal_sides_have_equal_checksums_and_nothing_is_sent_again(
    tenancy: Client,
) -> None:
    await add_tenant(tenancy, "123456.sms")
    theirs = {"123456.sms": digest_of(ACME)}

    report = await compare(tenancy, customer=theirs)

    assert (report.different, report.differences) == (0, [])
    assert report.checksums == report.checksums_there == {"customer": checksum_of(theirs)}
    assert len(await tenancy.heard(CustomerRecorded)) == 1


async def test_a_drift_names_the_records_and_sends_only_those_again(tenancy: Client) -> None:
    for tenant_id in ("123456.sms", "123457.sms", "123458.sms"):
        await add_tenant(tenancy, tenant_id)
    await add_tenant(tenancy, "200001.sms", of="100002.rsp")
    alike = digest_of({**ACME, "tenant_id": "123458.sms"})

    report = await compare(
        tenancy,
        customer={"123456.sms": "0" * 64, "123458.sms": alike, "200001.sms": "1" * 64},
        person={"sub-1": "2" * 64},
    )

    assert {one.id: one.how for one in report.differences} == {
        "123456.sms": "differs",
        "123457.sms": "missing_there",
        "200001.sms": "missing_here",
    }
    again = [one.tenant_id for one in await tenancy.heard(CustomerRecorded)][4:]
    assert sorted(again) == ["123456.sms", "123457.sms"]
    assert list(report.checksums) == ["customer"]


async def test_who_has_nothing_gets_everything(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")

    report = await compare(tenancy, company={}, customer={})

    assert report.different == 2
    assert len(await tenancy.heard(CompanyRecorded)) == 3


@pytest.mark.parametrize(
    "digests",
    [{"invoice": {}}, {"customer": {"x": "0"}}, {"customer": {"a b": "0" * 64}}, [], None],
    ids=str,
)
async def test_a_comparison_that_is_none_is_rejected(tenancy: Client, digests: Any) -> None:
    await send(tenancy, "records.compared", {"reseller_id": RESELLER, "digests": digests})

    assert await reasons(tenancy, TenancyMessageRejected) == ["does_not_fit_its_contract"]


async def test_the_vendor_lists_what_differs(tenancy: Client) -> None:
    await add_tenant(tenancy, "123456.sms")
    await compare(tenancy, customer={"123456.sms": "0" * 64})
    [told] = await tenancy.envelopes(TenancyDriftReported)
    await tenancy.hub.readers[tenancy.service](told)

    found = await tenancy.get("/v1/sync/drift?differing=true", as_=VENDOR)
    other = await tenancy.get("/v1/sync/drift?reseller_id=100002.rsp", as_=VENDOR)
    staff = a_pass(RESELLER, *GRANTS[Role.RESELLER_ADMIN][Relation.OWN])

    [row] = found.body["items"]
    assert (row["service"], row["differences"][0]["id"]) == ("tenancy", "123456.sms")
    assert row["checksums"] != row["checksums_there"]
    assert other.body["items"] == []
    assert (await tenancy.get("/v1/sync/drift", as_=staff)).status == 403
