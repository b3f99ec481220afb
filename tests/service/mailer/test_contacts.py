"""An organisation is written to by way of those who manage it, as auth last told."""

from typing import Any

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.auth import AccountDeleted, AccountRecorded
from shared.contracts.licensing import LicenceOrderFulfilled, LicenceOrderRejected
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
