"""Where a mail is can be told, from the request that caused it to what the relay said."""

from datetime import timedelta

import pytest

from shared.access import GRANTS, Permission, Relation, Role
from tests.support.mailer import ADDRESS, TOKEN, a_change, a_reset, deliver_because, logged
from tests.support.service import Client, a_pass
from tests.support.smtp import PostOffice

ALL = "/v1/vendor/mails"
CHIEF = a_pass("vendor", *GRANTS[Role.VENDOR_ADMIN][Relation.VENDOR])


async def test_from_a_request_one_finds_its_mail_and_every_answer_of_the_relay(
    mailer: Client, office: PostOffice
) -> None:
    office.contents.append("451 4.7.1 Greylisted, come back")
    await deliver_because(mailer, a_reset(), "req-1")
    await logged(mailer, "because-req-1", "deferred")
    mailer.now.advance(timedelta(seconds=30))
    await logged(mailer, "because-req-1", "sent")

    found = await mailer.get(ALL, as_=CHIEF, params={"request_id": "req-1"})
    mail = await mailer.get(f"{ALL}/{found.body['items'][0]['id']}", as_=CHIEF)

    steps = [(one["state"], one["smtp_code"], one["answer"]) for one in mail.body["history"]]
    assert steps[0] == ("deferred", 451, "4.7.1 Greylisted, come back")
    assert (steps[1][0], steps[1][1]) == ("sent", 250)
    assert (mail.body["recipient"], mail.body["org"]) == (ADDRESS, "123456.sms")
    assert (mail.body["attempts"], mail.body["template"]) == (2, "password_reset")


async def test_the_log_shows_no_link_and_no_token(mailer: Client) -> None:
    await mailer.deliver(a_reset(), event_id="e-1")
    await logged(mailer, "e-1", "sent")

    listed = await mailer.get(ALL, as_=CHIEF)
    one = await mailer.get(f"{ALL}/e-1", as_=CHIEF)

    assert TOKEN not in str(listed.body) + str(one.body)
    assert "token" not in str(listed.body) + str(one.body)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({}, ["e-3", "e-2", "e-1"]),
        ({"address": "ADA@acme.example"}, ["e-3", "e-1"]),
        ({"address": "bob@acme.example"}, ["e-2"]),
        ({"org": " 123456.SMS "}, ["e-3", "e-2", "e-1"]),
        ({"org": "200001.sms"}, []),
        ({"account_id": "a-1", "template": "password_reset"}, ["e-3"]),
        ({"state": "sent"}, ["e-3", "e-2", "e-1"]),
        ({"state": "failed"}, []),
    ],
)
async def test_mails_are_found_by_what_one_is_asked_about(
    mailer: Client, which: dict[str, str], found: list[str]
) -> None:
    await mailer.deliver(a_change(), event_id="e-1")
    mailer.now.advance(timedelta(seconds=1))
    await mailer.deliver(a_change(email="bob@acme.example"), event_id="e-2")
    mailer.now.advance(timedelta(seconds=1))
    await mailer.deliver(a_reset(), event_id="e-3")
    for mail_id in ("e-1", "e-2", "e-3"):
        await logged(mailer, mail_id, "sent")

    listed = await mailer.get(ALL, as_=CHIEF, params=which)

    assert [one["id"] for one in listed.body["items"]] == found


async def test_a_page_ends_where_the_next_begins(mailer: Client) -> None:
    for number in range(5):
        await mailer.deliver(a_change(), event_id=f"e-{number}")

    first = await mailer.get(ALL, as_=CHIEF, params={"limit": "3"})
    second = await mailer.get(
        ALL, as_=CHIEF, params={"limit": "3", "cursor": first.body["next_cursor"]}
    )

    ids = [one["id"] for one in first.body["items"] + second.body["items"]]
    assert sorted(ids) == [f"e-{number}" for number in range(5)]
    assert second.body["next_cursor"] is None


@pytest.mark.parametrize("path", [ALL, f"{ALL}/e-1", "/v1/vendor/suppressions"])
async def test_nobody_without_the_permission_reads_it(mailer: Client, path: str) -> None:
    others = a_pass("vendor", *(set(Permission) - {Permission.MAIL_READ}))
    elsewhere = a_pass("123456.sms", Permission.MAIL_READ)

    refused = await mailer.get(path, as_=others)
    foreign = await mailer.get(path, as_=elsewhere)

    assert (refused.status, foreign.status) == (403, 401)


async def test_a_mail_that_there_is_not_is_not_found(mailer: Client) -> None:
    answer = await mailer.get(f"{ALL}/nothing", as_=CHIEF)

    assert answer.status == 404


async def test_metrics_count_what_became_of_mails_and_what_still_waits(
    mailer: Client, office: PostOffice
) -> None:
    office.contents.append("451 Later")
    await mailer.deliver(a_reset(), event_id="e-1")
    await logged(mailer, "e-1", "deferred")
    await mailer.deliver(a_change(), event_id="e-2")
    await logged(mailer, "e-2", "sent")

    text = (await mailer.get("/metrics", as_=None)).body

    assert 'portal_mails_total{state="deferred",template="password_reset"} 1.0' in text
    assert 'portal_mails_total{state="sent",template="password_changed"} 1.0' in text
    assert 'portal_mails_waiting{state="deferred"} 1.0' in text
    assert ADDRESS not in text
