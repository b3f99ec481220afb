"""Trouble with the Reseller Portal: to the vendor's administrators and to nobody else."""

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.tenancy import SyncTroubleAnnounced
from tests.service.mailer.test_contacts import an_account
from tests.support.mailer import logged
from tests.support.service import Client
from tests.support.smtp import PostOffice

FACTS = {"reseller_id": "100001.rsp", "record": "1234567.sms", "count": 12}
REJECTED = SyncTroubleAnnounced(cause="not_yours", how="rejected", **FACTS)
NAMELESS = SyncTroubleAnnounced(cause="unreadable", how="rejected", record="unreadable", count=1)
DRIFT = SyncTroubleAnnounced(cause="drift", how="differing", **FACTS)


@pytest.mark.parametrize(
    ("found", "german", "english", "facts"),
    [
        (
            REJECTED,
            "Reseller-Portal: Nachrichten werden abgelehnt",
            "Reseller Portal: messages are being rejected",
            ("(not_yours).", "12", "1234567.sms", "100001.rsp"),
        ),
        (
            NAMELESS,
            "Reseller-Portal: Nachrichten werden abgelehnt",
            "Reseller Portal: messages are being rejected",
            ("(unreadable).",),
        ),
        (
            DRIFT,
            "Reseller-Portal: Datensätze bleiben verschieden",
            "Reseller Portal: records stay different",
            ("12", "1234567.sms", "100001.rsp"),
        ),
    ],
    ids=["rejected", "nameless", "drift"],
)
async def test_the_vendors_administrators_hear_of_it_in_their_language_and_once(
    mailer: Client,
    office: PostOffice,
    found: SyncTroubleAnnounced,
    german: str,
    english: str,
    facts: tuple[str, ...],
) -> None:
    for name, locale in (("vera", "de"), ("otto", "en")):
        await mailer.deliver(an_account(name, org="vendor", roles=["vendor-admin"], locale=locale))
    await mailer.deliver(an_account("sales", org="vendor", roles=["vendor-sales"]))
    await mailer.deliver(an_account("rita"))

    await mailer.deliver(found, event_id="e-1", times=2)

    for name in ("vera", "otto"):
        await logged(mailer, mail_id("e-1", f"a-{name}"), "sent")
    subjects = {mail.message["To"]: mail.message["Subject"] for mail in office.taken}
    assert subjects == {"vera@reseller.example": german, "otto@reseller.example": english}
    assert len(office.taken) == 2
    text = office.taken[0].message.get_body(("plain",))
    assert text is not None
    assert all(fact in text.get_content() for fact in facts)
