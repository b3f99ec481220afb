"""What is done to a licence is confirmed to its customer's and its reseller's administrators."""

from datetime import date
from email.message import EmailMessage
from typing import Any

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.licensing import LicenceChangeAnnounced
from shared.contracts.tenancy import TenantSettingsChanged
from tests.service.mailer.test_contacts import addressees, an_account
from tests.service.mailer.test_unsubscribing import clicked
from tests.support.mailer import logged
from tests.support.service import Client
from tests.support.smtp import PostOffice

ANNA = "anna@acme.example"


def done(act: str, **more: Any) -> LicenceChangeAnnounced:
    """Something done to a licence of ten seats for a year, which by itself changes neither."""
    facts: dict[str, Any] = {
        "licence_id": "l-1",
        "tenant_id": "123456.sms",
        "tenant_name": "Acme <b>& Sons</b>",
        "reseller_id": "100001.rsp",
        "product_name": "Mobile Security",
        "act": act,
        "former_seats": 10,
        "seats": 10,
        "former_starts_on": date(2026, 3, 10),
        "former_ends_on": date(2027, 3, 9),
        "starts_on": date(2026, 3, 10),
        "ends_on": date(2027, 3, 9),
    }
    return LicenceChangeAnnounced(**facts | more)


async def both_sides(mailer: Client) -> None:
    """Rita of the reseller reads German, Anna of the customer English; Eve is of neither."""
    await mailer.deliver(an_account("rita", locale="de"))
    await mailer.deliver(
        an_account("anna", org="123456.sms", roles=["admin"], locale="en", email=ANNA)
    )
    await mailer.deliver(an_account("eve", org="200001.sms", roles=["admin"]))
    await mailer.deliver(an_account("bert", org="123456.sms", roles=["auditor"]))


def plain(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def sent(mailer: Client, office: PostOffice, event_id: str) -> dict[str, EmailMessage]:
    """The mails that both sides got, by recipient."""
    for account in ("a-rita", "a-anna"):
        await logged(mailer, mail_id(event_id, account), "sent")
    return {mail.message["To"]: mail.message for mail in office.taken}


RENEWED = done("renewed", ends_on=date(2028, 3, 9))
RESIZED = done("resized", seats=25)
CONVERTED = done("converted", seats=None, ends_on=None)


@pytest.mark.parametrize(
    ("event", "german", "english", "facts"),
    [
        (
            RENEWED,
            "wurde verlängert",
            "was renewed",
            [
                "Seats: 10",
                "Term before: 10 March 2026 to 9 March 2027",
                "Term: 10 March 2026 to 9 March 2028",
            ],
        ),
        (
            RESIZED,
            "wurde angepasst",
            "was resized",
            ["Seats before: 10", "Seats: 25", "Term: 10 March 2026 to 9 March 2027"],
        ),
        (
            CONVERTED,
            "wurde aus der Testphase übernommen",
            "was converted from a trial",
            [
                "Seats before: 10",
                "Seats: unlimited",
                "Term before: 10 March 2026 to 9 March 2027",
                "Term: from 10 March 2026 until it is cancelled",
            ],
        ),
        (
            done("suspended", reason="Not <u>paid</u>"),
            "wurde gesperrt",
            "was suspended",
            ["Seats: 10", "Term: 10 March 2026 to 9 March 2027", "Reason: Not <u>paid</u>"],
        ),
    ],
    ids=lambda value: value.act if isinstance(value, LicenceChangeAnnounced) else "",
)
async def test_both_sides_read_what_was_done_each_in_its_language_and_once(
    mailer: Client,
    office: PostOffice,
    event: LicenceChangeAnnounced,
    german: str,
    english: str,
    facts: list[str],
) -> None:
    await both_sides(mailer)

    await mailer.deliver(event, event_id="e-1", times=2, actor_org="100001.rsp")

    mails = await sent(mailer, office, "e-1")
    assert {to: mail["Subject"] for to, mail in mails.items()} == {
        "rita@reseller.example": f"Lizenz von Acme <b>& Sons</b> {german}",
        ANNA: f"Licence of Acme <b>& Sons</b> {english}",
    }
    assert len(office.taken) == 2
    lines = plain(mails[ANNA]).splitlines()
    told = [line for line in lines if line.startswith(("Seats", "Term:", "Term b", "Reason"))]
    assert told == facts
    assert "Done by: 100001.rsp" in lines


async def test_what_people_typed_is_escaped(mailer: Client, office: PostOffice) -> None:
    await both_sides(mailer)

    await mailer.deliver(done("revoked", reason="<script>x</script>"), event_id="e-1")

    html = (await sent(mailer, office, "e-1"))[ANNA].get_body(("html",))
    assert html is not None
    assert "&lt;script&gt;" in html.get_content()
    assert "<script>" not in html.get_content()
    assert "<b>" not in html.get_content()


async def test_a_new_licence_is_told_to_its_customer_and_not_to_its_reseller(
    mailer: Client, office: PostOffice
) -> None:
    settings = TenantSettingsChanged(
        tenant_id="123456.sms", notice_recipients=["it@acme.example"], locale="de"
    )
    await both_sides(mailer)
    await mailer.deliver(settings, sequence=2)

    await mailer.deliver(done("created"), times=2, actor_org="vendor")

    mails = {mail.message["To"]: mail.message for mail in await office.took(2)}
    assert {to: mail["Subject"] for to, mail in mails.items()} == {
        ANNA: "Licence of Acme <b>& Sons</b> was created",
        "it@acme.example": "Lizenz von Acme <b>& Sons</b> wurde erstellt",
    }
    assert "Its licence key is in the portal." in plain(mails[ANNA])
    assert "Done by: the vendor" in plain(mails[ANNA])
    assert "Ihr Lizenzschlüssel steht im Portal." in plain(mails["it@acme.example"])


async def test_of_a_transfer_both_customers_hear_nothing_of_each_other(
    mailer: Client, office: PostOffice
) -> None:
    bob = an_account(
        "bob", org="123457.sms", roles=["admin"], locale="en", email="bob@beta.example"
    )
    moved = done(
        "transferred",
        former_tenant_id="123456.sms",
        former_tenant_name="Acme",
        tenant_id="123457.sms",
        tenant_name="Beta",
        reason="Acme sold it to Beta",
    )
    await both_sides(mailer)
    await mailer.deliver(bob)

    await mailer.deliver(moved, event_id="e-1", times=2)

    mails = {mail.message["To"]: mail.message for mail in await office.took(3)}
    former, new = mails[ANNA], mails["bob@beta.example"]
    reseller = mails["rita@reseller.example"]
    assert former["Subject"] == "Licence of Acme was transferred to another customer"
    assert "It is not valid for your devices any more." in plain(former)
    assert new["Subject"] == "Licence of Beta was newly assigned"
    assert "Its licence key is in the portal." in plain(new)
    assert reseller["Subject"] == "Lizenz von Acme wurde einem anderen Kunden übertragen"
    assert "Sie gehört jetzt Beta (123457.sms)" in " ".join(plain(reseller).split())
    assert "Grund: Acme sold it to Beta" in plain(reseller)
    assert "Beta" not in str(former)
    assert "123457" not in str(former)
    assert "Acme" not in str(new)
    assert "123456" not in str(new)


async def test_a_second_change_is_a_second_mail(mailer: Client) -> None:
    await both_sides(mailer)

    await mailer.deliver(RENEWED, event_id="e-1", sequence=2)
    await mailer.deliver(RESIZED, event_id="e-2", sequence=3)

    assert await mailer.mongo.collection("mails").count({"template": "licence_changed"}) == 4


async def test_the_further_addresses_of_the_settings_get_it_too(mailer: Client) -> None:
    settings = TenantSettingsChanged(
        tenant_id="123456.sms", notice_recipients=["it@acme.example"], locale="en"
    )
    await both_sides(mailer)
    await mailer.deliver(settings, sequence=2)

    await mailer.deliver(RENEWED, times=2)

    assert await addressees(mailer) == {"rita@reseller.example", ANNA, "it@acme.example"}


async def test_whoever_can_do_without_gets_no_more_of_them(
    mailer: Client, office: PostOffice
) -> None:
    await both_sides(mailer)
    await mailer.deliver(RENEWED, event_id="e-1")
    mails = await sent(mailer, office, "e-1")

    answer = await clicked(mailer, mails[ANNA])
    await mailer.deliver(RESIZED, event_id="e-2", sequence=3)

    rows = await mailer.mongo.collection("mails").find({})
    assert answer.status == 204
    assert sorted(row["recipient"][:4] for row in rows) == ["anna", "rita", "rita"]
