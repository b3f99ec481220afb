"""What the people of a tenant and of its reseller are told when it is closed, and at its end."""

from datetime import timedelta
from typing import Any

import pytest

from services.mailer.actions.purge import purge_deleted
from services.mailer.app import build
from services.mailer.domain.mails import mail_id
from shared.contracts.auth import AccountRecorded
from shared.contracts.tenancy import (
    OffboardingBegun,
    OffboardingCancelled,
    ResellerSettingsChanged,
    TenantCreated,
    TenantDeleted,
    TenantResumed,
    TenantSettingsChanged,
    TenantSuspended,
    TenantTransferred,
)
from tests.support.mailer import logged
from tests.support.service import NOON, Client
from tests.support.smtp import PostOffice

FACTS: dict[str, Any] = {
    "tenant_id": "123456.sms",
    "name": "Bäckerei",
    "reseller_id": "100001.rsp",
    "locale": "de",
}
GONE = TenantDeleted(tenant_id="123456.sms", name="Bäckerei", reseller_id="100001.rsp")


async def add(mailer: Client, name: str, org: str, role: str) -> None:
    recorded = AccountRecorded(
        account_id=f"a-{name}",
        org=org,
        username=name,
        email=f"{name}@example.org",
        locale="en",
        display_name=name,
        roles=[role],
        status="active",
        has_second_factor=True,
    )
    await mailer.deliver(recorded)


@pytest.mark.parametrize(
    ("event", "subject", "word"),
    [
        (
            TenantSuspended(**FACTS, status="suspended", reason="Bills unpaid"),
            "Your tenant was suspended",
            "Bills unpaid",
        ),
        (
            TenantResumed(**FACTS, status="active", reason="Bills paid"),
            "Your tenant is open again",
            "Bills paid",
        ),
        (
            OffboardingBegun(
                **FACTS,
                status="offboarding",
                reason="Contract ended",
                delete_at=NOON + timedelta(days=30),
            ),
            "Your tenant is going to be deleted",
            "9 April 2026",
        ),
        (
            OffboardingCancelled(**FACTS, status="active", reason="Contract renewed"),
            "Your tenant stays",
            "Contract renewed",
        ),
        (GONE, "Your tenant was deleted", "10 March 2026"),
    ],
    ids=["suspended", "resumed", "leaving", "staying", "deleted"],
)
async def test_the_tenants_administrators_are_told(
    mailer: Client, office: PostOffice, event: Any, subject: str, word: str
) -> None:
    await add(mailer, "ada", "123456.sms", "admin")
    await add(mailer, "otto", "123456.sms", "auditor")

    await mailer.deliver(event, event_id="e-1", times=2)

    await logged(mailer, mail_id("e-1", "a-ada"), "sent")
    (mail,) = office.taken
    assert (mail.message["To"], mail.message["Subject"]) == ("ada@example.org", subject)
    assert word in str(mail.message)


async def test_its_reseller_is_told_of_the_deletion(mailer: Client, office: PostOffice) -> None:
    await add(mailer, "rita", "100001.rsp", "reseller-admin")
    await mailer.deliver(GONE, event_id="e-1", times=2)

    await logged(mailer, mail_id("e-1", "a-rita"), "sent")
    assert office.taken[0].message["Subject"] == "Customer deleted: Bäckerei"


async def test_an_address_that_both_name_gets_each_notice_and_nothing_of_the_tenant_is_kept(
    mailer: Client,
) -> None:
    made = TenantCreated(
        tenant_id="123456.sms", name="Bäckerei", reseller_id="100001.rsp", locale="de"
    )
    await mailer.deliver(made)
    address = ["notices@example.org"]
    await mailer.deliver(
        ResellerSettingsChanged(reseller_id="100001.rsp", notice_recipients=address)
    )
    await mailer.deliver(TenantSettingsChanged(tenant_id="123456.sms", locale="en"))

    await mailer.deliver(GONE, times=2)
    async with mailer.acting(build) as deps:
        await purge_deleted(deps)
        await deps.relay.close()

    mails = await mailer.mongo.collection("mails").find({})
    assert sorted((one["recipient"], one["locale"], one["template"]) for one in mails) == [
        (address[0], "de", "customer_deleted"),
        (address[0], "en", "tenant_deleted"),
    ]
    kept = await mailer.mongo.collection("settings").find({})
    assert [row["_id"] for row in kept] == ["100001.rsp"]
    assert await mailer.mongo.collection("assignments").count({}) == 0
    assert await mailer.failed() == []


async def test_of_a_deleted_tenant_no_contact_and_no_older_mail_is_kept(mailer: Client) -> None:
    await add(mailer, "ada", "123456.sms", "admin")
    await add(mailer, "rita", "100001.rsp", "reseller-admin")
    suspended = TenantSuspended(**FACTS, status="suspended", reason="Bills unpaid")
    await mailer.deliver(suspended, event_id="e-1")
    await logged(mailer, mail_id("e-1", "a-ada"), "sent")
    mailer.now.advance(timedelta(days=1))

    await mailer.deliver(GONE, event_id="e-2")
    async with mailer.acting(build) as deps:
        await purge_deleted(deps)
        await deps.relay.close()

    contacts = await mailer.mongo.collection("contacts").find({})
    mails = await mailer.mongo.collection("mails").find({})
    assert [one["_id"] for one in contacts] == ["a-rita"]
    assert {one["_id"] for one in mails} == {mail_id("e-2", "a-ada"), mail_id("e-2", "a-rita")}


async def test_a_transfer_is_told_to_the_customer_and_to_both_resellers(
    mailer: Client, office: PostOffice
) -> None:
    await add(mailer, "ada", "123456.sms", "admin")
    await add(mailer, "rita", "100001.rsp", "reseller-admin")
    await add(mailer, "nora", "100002.rsp", "reseller-admin")
    facts = {**FACTS, "reseller_id": "100002.rsp", "status": "active"}
    moved = TenantTransferred(**facts, former_reseller_id="100001.rsp", reason="As agreed")

    await mailer.deliver(moved, event_id="e-1", times=2)

    for account in ("a-ada", "a-rita", "a-nora"):
        await logged(mailer, mail_id("e-1", account), "sent")
    assert {mail.message["To"]: mail.message["Subject"] for mail in office.taken} == {
        "ada@example.org": "Another reseller looks after your tenant",
        "rita@example.org": "Customer moved away: Bäckerei",
        "nora@example.org": "New customer: Bäckerei",
    }
