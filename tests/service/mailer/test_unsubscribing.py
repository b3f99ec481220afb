"""Optional mails can be done without, at one click; those about the own account can't."""

import re
from email.message import EmailMessage

import pytest

from services.mailer.domain.mails import mail_id
from shared.contracts.auth import AccountRecorded
from shared.contracts.licensing import LicenceOrderRejected
from shared.keys import seal, sealing_keys
from shared.passes import PUBLIC
from tests.support.mailer import MAILER_KEYS, a_change, logged
from tests.support.service import Answer, Client, a_pass
from tests.support.smtp import PostOffice

PATH = "/v1/mail/unsubscribe"
ANYBODY = a_pass(PUBLIC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def recorded(name: str = "ada", **more: object) -> AccountRecorded:
    facts: dict[str, object] = {
        "account_id": f"a-{name}",
        "org": "100001.rsp",
        "username": name,
        "email": f"{name}@reseller.example",
        "locale": "en",
        "display_name": name,
        "roles": ["reseller-admin"],
        "status": "active",
        "has_second_factor": True,
    }
    return AccountRecorded.model_validate(facts | more)


def a_rejection() -> LicenceOrderRejected:
    return LicenceOrderRejected(order_id="o-1", reseller_id="100001.rsp", reason="no_quota")


async def mail_to_ada(mailer: Client, office: PostOffice) -> EmailMessage:
    await mailer.deliver(a_rejection(), event_id="e-1")
    await logged(mailer, mail_id("e-1", "a-ada"), "sent")
    return next(mail.message for mail in office.taken if "ada@" in mail.recipients[0])


async def clicked(mailer: Client, message: EmailMessage) -> Answer:
    """What a mail program sends (RFC 8058 §3.1): no cookie, one form, the header's address."""
    target = re.fullmatch(r"<https://portal\.example(/[^>]+)>", message["List-Unsubscribe"])
    assert target is not None
    return await mailer.post(target.group(1), as_=ANYBODY, data=ONE_CLICK)


async def test_one_click_ends_optional_mails_for_this_account_alone(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(recorded("ada"))
    await mailer.deliver(recorded("bob"))
    mail = await mail_to_ada(mailer, office)

    answers = [await clicked(mailer, mail), await clicked(mailer, mail)]
    await mailer.deliver(a_rejection(), event_id="e-2")

    rows = await mailer.mongo.collection("mails").find({})
    assert [one.status for one in answers] == [204, 204]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sorted(row["recipient"][:3] for row in rows) == ["ada", "bob", "bob"]


async def test_it_holds_when_the_account_changes_afterwards(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(recorded(), sequence=1)
    await clicked(mailer, await mail_to_ada(mailer, office))

    await mailer.deliver(recorded(email="new@reseller.example"), sequence=2)
    await mailer.deliver(a_rejection(), event_id="e-2")

    assert await mailer.mongo.collection("mails").count({}) == 1


async def test_a_mail_about_the_own_account_offers_no_such_thing(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(a_change(), event_id="e-1")
    await logged(mailer, "e-1", "sent")

    assert office.taken[0].message["List-Unsubscribe"] is None
    assert "unsubscribe" not in office.taken[0].text("html")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a-ada",
        seal(sealing_keys(), "unsubscribe", "a-ada"),
        seal(MAILER_KEYS, "link:a-ada", "a-ada"),
    ],
    ids=["none", "id", "foreign-key", "other-purpose"],
)
async def test_nobody_unsubscribes_another_by_a_made_up_link(mailer: Client, token: str) -> None:
    await mailer.deliver(recorded())

    answer = await mailer.post(PATH, as_=ANYBODY, params={"token": token}, data=ONE_CLICK)

    assert (answer.status, answer.body["code"]) == (400, "unsubscribe_link_invalid")
    (row,) = await mailer.mongo.collection("contacts").find({})
    assert "wants_optional" not in row


async def test_the_page_sends_the_token_in_the_form(mailer: Client) -> None:
    await mailer.deliver(recorded())

    answer = await mailer.post(
        PATH, as_=ANYBODY, data={"token": seal(MAILER_KEYS, "unsubscribe", "a-ada")}
    )

    assert answer.status == 204
    (row,) = await mailer.mongo.collection("contacts").find({})
    assert row["wants_optional"] is False
