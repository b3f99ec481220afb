"""A mail that comes back for good silences its address, and nobody can silence another's."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from portal.returned_mails import messages_in, take_in
from services.mailer.settings import MailerSettings
from shared.access import Permission
from tests.support.bounces import a_bounce
from tests.support.mailer import ADDRESS, a_change, logged
from tests.support.service import Answer, Client, a_pass
from tests.support.smtp import DROP, PostOffice

CHIEF = a_pass("vendor", Permission.MAIL_READ)
SUPPRESSED = "/v1/vendor/suppressions"


async def returned(mailer: Client, message: str) -> Answer:
    return await mailer.post("/v1/vendor/bounces", as_=CHIEF, json={"message": message})


async def sent(mailer: Client, mail_id: str = "e-1") -> None:
    await mailer.deliver(a_change(), event_id=mail_id)
    await logged(mailer, mail_id, "sent")


async def test_after_a_bounce_the_address_gets_no_mail_until_that_is_lifted(
    mailer: Client, office: PostOffice
) -> None:
    await sent(mailer)

    answer = await returned(mailer, a_bounce("e-1"))
    await mailer.deliver(a_change(), event_id="e-2")
    suppressed = await logged(mailer, "e-2", "suppressed")
    (shown,) = (await mailer.get(SUPPRESSED, as_=CHIEF)).body["items"]
    lifted = await mailer.delete(f"{SUPPRESSED}/{shown['id']}", as_=CHIEF)
    await sent(mailer, "e-3")

    assert answer.body == {"recipients": 1, "taken": 1}
    assert suppressed["reason"] == "suppressed"
    assert (shown["address"], shown["status"]) == (ADDRESS, "5.1.1")
    assert shown["diagnostic"] == "smtp; 550 5.1.1 User unknown"
    assert lifted.status == 204
    assert [mail.id for mail in office.taken] == ["<e-1@portal.example>", "<e-3@portal.example>"]


async def test_the_log_tells_that_the_mail_came_back(mailer: Client) -> None:
    await sent(mailer)

    await returned(mailer, a_bounce("e-1"))

    mail = (await mailer.get("/v1/vendor/mails/e-1", as_=CHIEF)).body
    assert (mail["state"], mail["reason"]) == ("failed", "bounced")
    assert mail["history"][-1]["answer"] == "5.1.1 smtp; 550 5.1.1 User unknown"


@pytest.mark.parametrize(
    "message",
    [
        a_bounce("never-sent"),
        a_bounce("e-1", to="victim@acme.example"),
        a_bounce("e-1", action="delayed", status="4.4.1"),
        a_bounce("e-1", action="delivered", status="2.0.0"),
        a_bounce("e-1", status="4.2.2"),
    ],
    ids=["made-up", "other-address", "delayed", "delivered", "for-now"],
)
async def test_what_proves_nothing_silences_nobody(mailer: Client, message: str) -> None:
    await sent(mailer)

    answer = await returned(mailer, message)

    assert answer.body == {"recipients": 1, "taken": 0}
    assert (await mailer.get(SUPPRESSED, as_=CHIEF)).body["items"] == []


@pytest.mark.parametrize(
    "message",
    [
        "Hello",
        "Content-Type: multipart/report; boundary=B\r\n\r\n--B--",
        a_bounce("e-1").replace("multipart/report", "multipart/mixed"),
        a_bounce("e-1").replace("Message-ID", "X-Id"),
        a_bounce("e-1").replace("Final-Recipient", "X-Recipient"),
        "\x00\x00",
    ],
)
async def test_what_is_no_report_is_refused(mailer: Client, message: str) -> None:
    await sent(mailer)

    answer = await returned(mailer, message)

    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] == "#/body/message"


async def test_the_same_report_twice_is_one_suppression(mailer: Client) -> None:
    await sent(mailer)

    await returned(mailer, a_bounce("e-1"))
    await returned(mailer, a_bounce("e-1", to=ADDRESS.upper()))

    assert len((await mailer.get(SUPPRESSED, as_=CHIEF)).body["items"]) == 1


async def test_reports_that_come_at_once_are_one_suppression(mailer: Client) -> None:
    for number in range(8):
        await sent(mailer, f"e-{number}")

    async with asyncio.TaskGroup() as group:
        reports = [
            group.create_task(returned(mailer, a_bounce(f"e-{number}"))) for number in range(8)
        ]

    assert [report.result().status for report in reports] == [200] * 8
    assert [report.result().body["taken"] for report in reports] == [1] * 8
    assert len((await mailer.get(SUPPRESSED, as_=CHIEF)).body["items"]) == 1


async def test_a_report_names_a_domain_outside_ascii_in_its_idna_form(mailer: Client) -> None:
    await mailer.deliver(a_change(email="ada@Müller.example"), event_id="e-1")
    await logged(mailer, "e-1", "sent")

    answer = await returned(mailer, a_bounce("e-1", to="ada@xn--mller-kva.example"))
    await mailer.deliver(a_change(email="ada@müller.example"), event_id="e-2")

    assert answer.body == {"recipients": 1, "taken": 1}
    await logged(mailer, "e-2", "suppressed")


async def test_a_mailbox_that_is_forwarded_is_known_by_its_own_address(mailer: Client) -> None:
    await sent(mailer)
    forwarded = a_bounce("e-1", to="ada@private.example").replace(
        "Final-Recipient:", f"Original-Recipient: rfc822; {ADDRESS}\nFinal-Recipient:"
    )

    answer = await returned(mailer, forwarded)

    assert answer.body == {"recipients": 1, "taken": 1}


@pytest.mark.parametrize("moment", ["before its answer", "after its answer"])
async def test_a_bounce_of_a_mail_whose_outcome_nobody_knows_ends_it(
    mailer: Client, office: PostOffice, moment: str
) -> None:
    if moment == "after its answer":
        office.contents.append(DROP)
    else:
        office.is_open.clear()
    await mailer.deliver(a_change(), event_id="e-1")
    await office.took()
    if moment == "after its answer":
        await logged(mailer, "e-1", "deferred")

    answer = await returned(mailer, a_bounce("e-1"))
    office.is_open.set()

    assert answer.body == {"recipients": 1, "taken": 1}
    if moment == "after its answer":
        mailer.now.advance(timedelta(minutes=5))
        await logged(mailer, "e-1", "suppressed")
    else:
        await logged(mailer, "e-1", "sent")
    assert len(office.taken) == 1


async def test_lifting_what_there_is_not_is_not_found(mailer: Client) -> None:
    answer = await mailer.delete(f"{SUPPRESSED}/nothing", as_=CHIEF)

    assert answer.status == 404


async def test_returned_mails_are_taken_in_from_a_mailbox(
    mailer: Client, settings: MailerSettings, tmp_path: Path
) -> None:
    await sent(mailer)
    await sent(mailer, "e-2")
    box = tmp_path / "returned.mbox"
    letters = [a_bounce("e-1"), "Subject: Out of office\n\nBack on Monday.\n"]
    box.write_text(
        "".join(f"From MAILER-DAEMON Tue Mar 10 12:00:00 2026\n{one}\n" for one in letters)
    )
    alone = tmp_path / "one.eml"
    alone.write_text(a_bounce("e-2"))

    messages = [
        *await asyncio.to_thread(messages_in, box),
        *await asyncio.to_thread(messages_in, alone),
    ]
    reports, taken = await take_in(settings, messages)

    assert (len(messages), reports, taken) == (3, 2, 2)
    (shown,) = (await mailer.get(SUPPRESSED, as_=CHIEF)).body["items"]
    assert shown["address"] == ADDRESS
