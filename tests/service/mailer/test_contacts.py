"""An organisation is written to by way of those who manage it, as auth last told."""

from typing import Any

import pytest

from services.mailer.domain.mails import mail_id
from services.mailer.store.recipients import NoticeRecipients
from shared.contracts.auth import AccountDeleted, AccountRecorded
from shared.contracts.events import Service
from shared.contracts.licensing import LicenceOrderFulfilled, LicenceOrderRejected
from shared.contracts.tenancy import (
    ResellerSettingsChanged,
    TenantCreated,
    TenantSettingsChanged,
    VendorSettingsChanged,
)
from shared.mongo.collection import Session
from shared.outbox import Transaction
from tests.support.mailer import logged
from tests.support.service import Client
from tests.support.smtp import PostOffice

RESELLER = "100001.rsp"


def an_account(name: str, **more: Any) -> AccountRecorded:
    facts: dict[str, Any] = {
        "account_id": f"a-{name}",
        "org": RESELLER,
        "username": name,
        "email": f"{name}@reseller.example",
        "locale": "de",
        "display_name": name,
        "roles": ["reseller-admin"],
        "status": "active",
        "has_second_factor": True,
    }
    return AccountRecorded(**facts | more)


def a_rejection() -> LicenceOrderRejected:
    return LicenceOrderRejected(order_id="o-1", reseller_id=RESELLER, reason="no_quota")


async def addressees(mailer: Client) -> set[str]:
    return {row["recipient"] for row in await mailer.mongo.collection("mails").find({})}


async def test_every_administrator_gets_the_mail_in_the_own_language_and_once(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(an_account("ada"))
    await mailer.deliver(an_account("bob", locale="en"))

    await mailer.deliver(a_rejection(), event_id="e-1", times=2)

    await logged(mailer, mail_id("e-1", "a-ada"), "sent")
    await logged(mailer, mail_id("e-1", "a-bob"), "sent")
    subjects = {mail.message["To"]: mail.message["Subject"] for mail in office.taken}
    assert subjects == {
        "ada@reseller.example": "Lizenzbestellung abgelehnt",
        "bob@reseller.example": "Licence order rejected",
    }
    assert len(office.taken) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"roles": ["reseller-sales"]},
        {"roles": []},
        {"status": "disabled"},
        {"status": "invited"},
        {"org": "100002.rsp"},
        {"org": "123456.sms", "roles": ["admin"]},
    ],
)
async def test_nobody_else_gets_it(mailer: Client, other: dict[str, Any]) -> None:
    await mailer.deliver(an_account("eve", **other))
    await mailer.deliver(an_account("ada"))

    await mailer.deliver(a_rejection())

    assert await addressees(mailer) == {"ada@reseller.example"}


async def test_a_late_event_about_an_account_changes_nothing(mailer: Client) -> None:
    await mailer.deliver(an_account("ada", email="new@reseller.example"), sequence=3)
    await mailer.deliver(an_account("ada", email="old@reseller.example"), sequence=2)
    await mailer.deliver(AccountDeleted(account_id="a-bob", org=RESELLER), sequence=9)
    await mailer.deliver(an_account("bob"), sequence=8)

    await mailer.deliver(a_rejection())

    assert await addressees(mailer) == {"new@reseller.example"}


async def test_of_a_deleted_account_no_address_is_kept(mailer: Client) -> None:
    await mailer.deliver(an_account("ada"), sequence=1)

    await mailer.deliver(AccountDeleted(account_id="a-ada", org=RESELLER), sequence=2)

    (row,) = await mailer.mongo.collection("contacts").find({})
    assert "ada@" not in str(row)


async def test_the_addresses_of_the_settings_get_it_too_each_once_and_the_nearest_count(
    mailer: Client,
) -> None:
    await mailer.deliver(an_account("ada"))
    vendor = VendorSettingsChanged(vendor_id="vendor", notice_recipients=["v@vendor.example"])
    await mailer.deliver(vendor)
    await mailer.deliver(a_rejection(), event_id="e-1", times=2)
    by_vendor = await addressees(mailer)
    given = ["ADA@reseller.example", "b@reseller.example"]
    settings = ResellerSettingsChanged(reseller_id=RESELLER, notice_recipients=given, locale="en")
    await mailer.deliver(settings, sequence=2)
    late = ResellerSettingsChanged(reseller_id=RESELLER, notice_recipients=["x@reseller.example"])
    await mailer.deliver(late, sequence=1)

    await mailer.deliver(a_rejection(), event_id="e-2", times=2)

    rows = await mailer.mongo.collection("mails").find({})
    told = [(row["recipient"], row["locale"]) for row in rows]
    assert by_vendor == {"ada@reseller.example", "v@vendor.example"}
    assert sorted(told) == [
        ("ada@reseller.example", "de"),
        ("ada@reseller.example", "de"),
        ("b@reseller.example", "en"),
        ("v@vendor.example", "de"),
    ]
    assert await mailer.failed() == []


async def test_a_tenants_notices_go_where_its_reseller_says_unless_it_says_nobody(
    mailer: Client,
) -> None:
    made = TenantCreated(tenant_id="200001.sms", name="x", reseller_id=RESELLER, locale="de")
    await mailer.deliver(made)
    await mailer.deliver(
        ResellerSettingsChanged(reseller_id=RESELLER, notice_recipients=["b@reseller.example"])
    )
    inherited = await others_of(mailer, "200001.sms")
    of_another = await others_of(mailer, "999999.sms")

    await mailer.deliver(TenantSettingsChanged(tenant_id="200001.sms", notice_recipients=[]))

    assert (inherited, of_another) == (("b@reseller.example",), ())
    assert await others_of(mailer, "200001.sms") == ()


async def others_of(mailer: Client, org: str) -> tuple[str, ...]:
    kept = NoticeRecipients(mailer.mongo)

    async def read(session: Session) -> tuple[str, ...]:
        tx = Transaction(session, Service.MAILER, mailer.now)
        return (await kept.of(org, tx)).addresses

    return await mailer.mongo.transact(read)


async def test_a_fulfilled_order_is_told_with_its_customer(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(an_account("ada"))
    done = LicenceOrderFulfilled(
        order_id="o-1", reseller_id=RESELLER, tenant_id="200001.sms", licence_id="l-1"
    )

    await mailer.deliver(done, event_id="e-1")

    await logged(mailer, mail_id("e-1", "a-ada"), "sent")
    assert office.taken[0].message["Subject"] == "Lizenz erstellt für 200001.sms"
