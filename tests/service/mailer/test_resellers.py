"""A reseller's administrators are told what the vendor does to it, and nobody else is."""

from typing import Any

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.tenancy import (
    ResellerAuthorised,
    ResellerResumed,
    ResellerSuspended,
    ResellerTerminated,
)
from tests.service.mailer.test_tenants import add
from tests.support.mailer import logged
from tests.support.service import Client
from tests.support.smtp import PostOffice

FACTS: dict[str, Any] = {
    "reseller_id": "100001.rsp",
    "name": "Nordlicht",
    "locale": "de",
    "reason": "As agreed on the phone",
}


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (
            ResellerAuthorised(**FACTS, status="authorised"),
            "You are authorised as a reseller",
        ),
        (
            ResellerSuspended(**FACTS, status="suspended"),
            "Your access as a reseller was suspended",
        ),
        (
            ResellerResumed(**FACTS, status="authorised"),
            "Your access as a reseller is open again",
        ),
        (
            ResellerTerminated(**FACTS, status="terminated"),
            "Your access as a reseller has ended",
        ),
    ],
)
async def test_its_administrators_are_told_once_and_why(
    mailer: Client,
    office: PostOffice,
    event: ResellerAuthorised | ResellerResumed | ResellerSuspended | ResellerTerminated,
    subject: str,
) -> None:
    await add(mailer, "rita", "100001.rsp", "reseller-admin")
    await add(mailer, "sally", "100001.rsp", "reseller-sales")
    await add(mailer, "rolf", "100002.rsp", "reseller-admin")
    await add(mailer, "anna", "123456.sms", "admin")

    await mailer.deliver(event, sequence=2, event_id="e-1", times=2)

    await logged(mailer, mail_id("e-1", "a-rita"), "sent")
    (mail,) = office.taken
    assert (mail.message["To"], mail.message["Subject"]) == ("rita@example.org", subject)
    assert "As agreed on the phone" in str(mail.message)
