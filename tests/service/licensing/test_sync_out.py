"""What the Reseller Portal hears of licences and orders, and what a comparison finds."""

from shared.access import Permission
from shared.contracts.licensing import (
    LicenceOrderRecorded,
    LicenceRecorded,
    LicensingDriftReported,
)
from shared.contracts.tenancy import TenantTransferred
from shared.drift import digest_of
from tests.service.licensing.test_sync import an_order
from tests.support.licensing import a_licence
from tests.support.service import Client, a_pass
from tests.support.sync import send

STAFF = a_pass("100001.rsp", *Permission)


async def test_what_becomes_of_an_order_is_told_also_of_one_of_theirs(licensing: Client) -> None:
    await send(licensing, "licence_order.ordered", an_order())

    [order] = await licensing.heard(LicenceOrderRecorded)
    [licence] = await licensing.heard(LicenceRecorded)
    assert (order.order_id, order.status, order.licence_id) == (
        "A-1",
        "fulfilled",
        licence.licence_id,
    )
    assert (licence.status, licence.seats, licence.order_id) == ("running", 5, "A-1")


async def test_what_is_decided_about_a_licence_is_told(licensing: Client) -> None:
    await a_licence(licensing)
    path = "/v1/tenants/123456.sms/licences/l-1"
    just_now = int(licensing.now().timestamp())
    there = a_pass("123456.sms", *Permission, org="100001.rsp", factor_at=just_now)

    for verb in ("suspend", "resume", "revoke"):
        read = await licensing.get(path, as_=there)
        tag = {"If-Match": read.headers["ETag"]}
        answer = await licensing.post(
            f"{path}/{verb}", as_=there, json={"reason": "Asked for"}, headers=tag
        )
        assert answer.status == 200

    told = await licensing.envelopes(LicenceRecorded)
    assert [one.data["status"] for one in told] == ["running", "suspended", "running", "revoked"]
    assert [one.sequence for one in told] == [1, 2, 3, 4]


async def test_a_licence_that_goes_along_to_another_reseller_is_told(licensing: Client) -> None:
    await a_licence(licensing)
    moved = TenantTransferred(
        tenant_id="123456.sms",
        name="Acme",
        reseller_id="100002.rsp",
        locale="de",
        status="active",
        former_reseller_id="100001.rsp",
        reason="Asked for",
    )

    await licensing.deliver(moved, sequence=2)

    assert [one.reseller_id for one in await licensing.heard(LicenceRecorded)] == [
        "100001.rsp",
        "100002.rsp",
    ]


async def test_a_comparison_names_the_licences_that_differ(licensing: Client) -> None:
    await a_licence(licensing)
    [known] = await licensing.heard(LicenceRecorded)
    alike = {"l-1": digest_of(known.model_dump(mode="json", exclude_none=True))}
    other = {"l-1": "0" * 64, "l-9": "1" * 64}

    for licences in (alike, other):
        digests = {"licence": licences, "licence_order": {}}
        said = {"reseller_id": "100001.rsp", "digests": digests}
        await send(licensing, "records.compared", said)

    same, different = await licensing.heard(LicensingDriftReported)
    assert same.different == 0
    assert {one.id: one.how for one in different.differences} == {
        "l-1": "differs",
        "l-9": "missing_here",
    }
    assert len(await licensing.heard(LicenceRecorded)) == 2
