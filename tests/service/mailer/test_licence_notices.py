"""Licences that end and seats that run out: to the customer's and the reseller's administrators."""

from datetime import date

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.events import Event
from shared.contracts.licensing import LicenceEndAnnounced, LicenceSeatsAnnounced
from tests.service.mailer.test_contacts import an_account
from tests.support.mailer import logged
from tests.support.service import Client
from tests.support.smtp import PostOffice

ABOUT = {
    "licence_id": "l-1",
    "tenant_id": "123456.sms",
    "tenant_name": "Acme",
    "reseller_id": "100001.rsp",
    "product_name": "Mobile Security",
}
END = LicenceEndAnnounced(**ABOUT, ends_on=date(2027, 3, 9), days_left=7)
SEATS = LicenceSeatsAnnounced(**ABOUT, share=90, seats=10, seats_used=9)


@pytest.mark.parametrize(
    ("event", "german", "english", "facts"),
    [
        (
            END,
            "Lizenz von Acme endet am 9. März 2027",
            "Licence of Acme ends on 9 March 2027",
            ("Mobile Security", "7"),
        ),
        (
            SEATS,
            "90 % der Plätze von Acme sind belegt",
            "90 % of the seats of Acme are in use",
            ("Mobile Security", "10", "9"),
        ),
    ],
)
async def test_both_sides_hear_of_it_each_in_its_language_and_once(
    mailer: Client,
    office: PostOffice,
    event: Event,
    german: str,
    english: str,
    facts: tuple[str, ...],
) -> None:
    await mailer.deliver(an_account("rita", locale="de"))
    await mailer.deliver(
        an_account(
            "anna", org="123456.sms", roles=["admin"], locale="en", email="anna@acme.example"
        )
    )
    await mailer.deliver(an_account("eve", org="200001.sms", roles=["admin"]))

    await mailer.deliver(event, event_id="e-1", times=2)

    await logged(mailer, mail_id("e-1", "a-rita"), "sent")
    await logged(mailer, mail_id("e-1", "a-anna"), "sent")
    subjects = {mail.message["To"]: mail.message["Subject"] for mail in office.taken}
    assert subjects == {"rita@reseller.example": german, "anna@acme.example": english}
    assert len(office.taken) == 2
    text = office.taken[0].message.get_body(("plain",))
    assert text is not None
    assert all(fact in text.get_content() for fact in facts)
