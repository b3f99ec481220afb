"""A mail is sent once, tried again while there is hope, and given up where there is none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from typing_extensions import override

from services.mailer.actions.send_mails import send_mails
from services.mailer.app import build, open_mailer
from services.mailer.domain.mails import Mail, MailState, begin
from services.mailer.settings import MailerSettings
from services.mailer.store.mails import Mails, Outgoing
from shared.bus import Hub
from shared.clock import Clock
from shared.contracts.events import Service
from shared.mongo.database import open_mongo
from shared.mongo.errors import StoreAwayError
from shared.service import Connect, Serving, in_process
from tests.support.mailer import ADDRESS, a_change, a_reset, logged
from tests.support.service import NOON, Client, FixedClock, running
from tests.support.smtp import DROP, PostOffice

_LOOKS: float = 0.5
"""Long enough for the mailer to look for due mails a few times."""


async def test_a_mail_that_is_refused_for_now_is_sent_later(
    mailer: Client, office: PostOffice
) -> None:
    office.contents.append("451 Try again later")
    await mailer.deliver(a_change(), event_id="e-1")

    deferred = await logged(mailer, "e-1", "deferred")
    mailer.now.advance(timedelta(seconds=30))
    sent = await logged(mailer, "e-1", "sent")

    assert (deferred["reason"], deferred["smtp_code"]) == ("refused_for_now", 451)
    assert (sent["attempts"], sent["smtp_code"], sent["reason"]) == (2, 250, None)
    assert len(office.taken) == 2


@pytest.mark.parametrize("refusing", ["recipients", "contents"])
async def test_a_mail_that_is_refused_for_good_is_not_tried_again(
    mailer: Client, office: PostOffice, refusing: str
) -> None:
    getattr(office, refusing).append("550 No such mailbox")
    await mailer.deliver(a_reset(), event_id="e-1")

    failed = await logged(mailer, "e-1", "failed")
    seen = len(office.taken)
    mailer.now.advance(timedelta(minutes=10))
    await asyncio.sleep(_LOOKS)

    assert (failed["reason"], failed["smtp_code"], failed["attempts"]) == ("refused", 550, 1)
    assert "sealed_token" not in failed
    assert len(office.taken) == seen


async def test_a_mail_whose_answer_was_lost_is_sent_again_with_the_same_message_id(
    mailer: Client, office: PostOffice
) -> None:
    office.contents.append(DROP)
    await mailer.deliver(a_reset(), event_id="e-1")

    deferred = await logged(mailer, "e-1", "deferred")
    mailer.now.advance(timedelta(seconds=30))
    await logged(mailer, "e-1", "sent")

    first, second = office.taken
    assert (deferred["reason"], deferred["smtp_code"]) == ("unreachable", None)
    assert first.id == second.id == "<e-1@portal.example>"
    assert first.message.as_bytes() == second.message.as_bytes()


@pytest.mark.parametrize("settings", [{"smtp_security": "starttls"}], indirect=True)
async def test_nothing_is_sent_to_a_relay_that_has_no_starttls(
    mailer: Client, office: PostOffice
) -> None:
    await mailer.deliver(a_reset(), event_id="e-1")

    deferred = await logged(mailer, "e-1", "deferred")

    assert (deferred["reason"], deferred["smtp_code"]) == ("unreachable", None)
    assert office.connections == 1
    assert office.taken == []


async def test_a_reset_that_has_expired_is_not_sent(mailer: Client, office: PostOffice) -> None:
    await mailer.deliver(a_reset(expires_at=NOON), event_id="e-1")

    failed = await logged(mailer, "e-1", "failed")

    assert failed["reason"] == "expired"
    assert "sealed_token" not in failed
    assert office.connections == 0


async def test_a_mail_that_cannot_be_written_fails_and_lets_the_others_pass(
    mailer: Client, office: PostOffice
) -> None:
    unreadable = a_reset().model_copy(update={"sealed_token": "not sealed at all"})
    await mailer.deliver(unreadable, event_id="e-1")
    await mailer.deliver(a_change(email="not an address"), event_id="e-2")
    await mailer.deliver(a_change(), event_id="e-3")

    reasons = [(await logged(mailer, mail, "failed"))["reason"] for mail in ("e-1", "e-2")]

    assert reasons == ["unwritable", "unwritable"]
    await logged(mailer, "e-3", "sent")
    assert [mail.recipients for mail in office.taken] == [[ADDRESS]]


@pytest.mark.parametrize("settings", [{"smtp_connections": 1}], indirect=True)
async def test_a_reset_overtakes_notices(mailer: Client, office: PostOffice) -> None:
    office.is_open.clear()
    await mailer.deliver(a_change(email="first@acme.example"))
    await office.took()
    await mailer.deliver(a_change(email="second@acme.example"))
    await mailer.deliver(a_reset(email="reset@acme.example"))

    office.is_open.set()

    taken = await office.took(3)
    assert [mail.recipients[0].partition("@")[0] for mail in taken] == ["first", "reset", "second"]


@pytest.mark.parametrize("settings", [{"smtp_connections": 1}], indirect=True)
async def test_a_flood_of_one_organisation_delays_no_reset_of_another(
    mailer: Client, office: PostOffice
) -> None:
    office.is_open.clear()
    for number in range(40):
        await mailer.deliver(a_reset(), event_id=f"flood-{number}")
    other = a_reset(email="bob@other.example").model_copy(update={"org": "200001.sms"})
    await mailer.deliver(other, event_id="e-bob")

    mailer.now.advance(timedelta(minutes=1))  # long after the flood's last turn
    office.is_open.set()

    await logged(mailer, "e-bob", "sent")
    sent = await mailer.mongo.collection("mails").count({"org": "123456.sms", "state": "sent"})
    assert sent < 10


@pytest.mark.parametrize("held_up", ["deferred", "under way"])
@pytest.mark.parametrize("settings", [{"smtp_connections": 1}], indirect=True)
async def test_nobody_stands_behind_a_mail_of_the_same_organisation_that_is_held_up(
    mailer: Client, office: PostOffice, held_up: str
) -> None:
    if held_up == "deferred":
        office.contents.append("451 Later")
        await mailer.deliver(a_change(), event_id="e-1")
        await logged(mailer, "e-1", "deferred")
    office.is_open.clear()
    await mailer.deliver(a_change(email="first@other.example"), event_id="e-2")
    await logged(mailer, "e-2", "sending")
    await mailer.deliver(a_change(email="anna@acme.example"), event_id="e-3")
    for number in range(20):
        flood = a_change(email="eve@evil.example").model_copy(update={"org": "200001.sms"})
        await mailer.deliver(flood, event_id=f"flood-{number}")

    mailer.now.advance(timedelta(seconds=25))  # all have their turn; what is deferred is not due
    office.is_open.set()

    await logged(mailer, "e-3", "sent")
    sent = await mailer.mongo.collection("mails").count({"org": "200001.sms", "state": "sent"})
    assert sent < 10


@pytest.mark.parametrize(
    "settings", [{"smtp_connections": 4, "smtp_domain_connections": 2}], indirect=True
)
async def test_no_domain_is_overrun_and_the_others_do_not_wait_for_it(
    mailer: Client, office: PostOffice
) -> None:
    office.is_open.clear()
    for number in range(5):
        await mailer.deliver(a_change(), event_id=f"e-{number}")
    await mailer.deliver(a_change(email="bob@other.example"), event_id="e-bob")

    await office.took(3)
    await asyncio.sleep(_LOOKS)
    under_way = sorted(mail.recipients[0] for mail in office.taken)
    office.is_open.set()
    for number in range(5):
        await logged(mailer, f"e-{number}", "sent")

    assert under_way == [ADDRESS, ADDRESS, "bob@other.example"]
    assert len(office.taken) == 6


async def test_a_slow_answer_holds_up_no_other_mail(mailer: Client, office: PostOffice) -> None:
    office.is_open.clear()
    for number in range(4):
        to = f"ada@acme{number}.example"
        await mailer.deliver(a_change(email=to), event_id=f"e-{number}")

    taken = await office.took(4)

    assert len({mail.id for mail in taken}) == 4
    assert office.connections == 4
    office.is_open.set()


async def test_two_replicas_send_each_mail_once(
    mailer: Client, office: PostOffice, settings: MailerSettings
) -> None:
    async with open_mailer(settings, in_process(Hub()), mailer.now):
        for number in range(30):
            await mailer.deliver(a_change(), event_id=f"e-{number}")
        for number in range(30):
            await logged(mailer, f"e-{number}", "sent")

    assert sorted(mail.id for mail in office.taken) == sorted(
        f"<e-{number}@portal.example>" for number in range(30)
    )


async def test_a_mail_whose_sender_died_is_taken_over_when_the_lease_has_run_out(
    mailer: Client, office: PostOffice, settings: MailerSettings
) -> None:
    office.contents.append("451 Later")
    await mailer.deliver(a_change(), event_id="e-1")
    await logged(mailer, "e-1", "deferred")
    async with mailer.acting(build) as dying:
        then = NOON + timedelta(seconds=30)
        held = await dying.mails.claim(then, then + dying.lease)
        assert held is not None
        await dying.mails.save(held, begin(held.mail, then), then, dying.lease)

    mailer.now.advance(timedelta(seconds=30 + settings.smtp_seconds))
    await asyncio.sleep(_LOOKS)
    assert len(office.taken) == 1
    mailer.now.advance(timedelta(seconds=30))
    await logged(mailer, "e-1", "deferred")
    mailer.now.advance(timedelta(minutes=2))
    sent = await logged(mailer, "e-1", "sent")

    assert sent["attempts"] == 3
    assert {mail.id for mail in office.taken} == {"<e-1@portal.example>"}
    assert len(office.taken) == 2


async def test_a_mail_whose_sender_died_before_it_began_is_sent_once(
    mailer: Client, office: PostOffice
) -> None:
    office.is_open.clear()
    others = [a_change(email=f"user{number}@other{number}.example") for number in range(4)]
    for number, other in enumerate(others):  # every sender has something to wait for
        await mailer.deliver(other, event_id=f"busy-{number}")
    await office.took(4)
    await mailer.deliver(a_change(), event_id="e-1")
    async with mailer.acting(build) as dying:
        held = await dying.mails.claim(NOON, NOON + dying.lease)
    assert held is not None
    assert (held.mail.id, held.mail.state) == ("e-1", MailState.QUEUED)

    office.is_open.set()
    for number in range(4):
        await logged(mailer, f"busy-{number}", "sent")
    await asyncio.sleep(_LOOKS)
    before = len(office.taken)
    mailer.now.advance(dying.lease)
    sent = await logged(mailer, "e-1", "sent")

    assert (before, len(office.taken)) == (4, 5)
    assert sent["attempts"] == 1


async def test_whoever_has_lost_a_mail_changes_nothing_any_more(mailer: Client) -> None:
    async with mailer.acting(build) as slow:
        await mailer.deliver(a_change(), event_id="e-1")
        await logged(mailer, "e-1", "sent")
        row = await mailer.mongo.collection("mails").find_one({"_id": "e-1"})
        assert row is not None
        await mailer.mongo.collection("mails").update({"_id": "e-1"}, {"$set": {"wake_at": NOON}})
        mine = await slow.mails.claim(NOON, NOON)
        assert mine is not None
        other = await slow.mails.claim(NOON, NOON)
        assert other is not None

        assert await slow.mails.save(mine, mine.mail, NOON, slow.lease) is None
        assert await slow.mails.save(other, other.mail, NOON, slow.lease) is not None


async def test_a_mail_is_not_sent_twice_because_its_outcome_could_not_be_noted_at_once(
    mailer: Client, office: PostOffice
) -> None:
    office.contents.append("451 Later")
    await mailer.deliver(a_change(), event_id="e-1")
    await logged(mailer, "e-1", "deferred")

    async with mailer.acting(build) as deps:
        mails = _AwayOnceAfterSending(mailer.mongo)
        due_at = NOON + timedelta(seconds=30)
        await send_mails(replace(deps, mails=mails, now=lambda: due_at))
        await deps.relay.close()

    await logged(mailer, "e-1", "sent")
    assert mails.was_away
    assert len(office.taken) == 2


class _AwayOnceAfterSending(Mails):
    was_away = False

    @override
    async def save(
        self, outgoing: Outgoing, mail: Mail, now: datetime, lease: timedelta
    ) -> Outgoing | None:
        if mail.state is MailState.SENT and not self.was_away:
            self.was_away = True
            raise StoreAwayError
        return await super().save(outgoing, mail, now, lease)


async def test_a_stop_waits_for_the_mail_under_way(
    settings: MailerSettings, office: PostOffice
) -> None:
    states: list[str] = []

    @asynccontextmanager
    async def stopped_and_read(
        given: MailerSettings, connect: Connect, now: Clock
    ) -> AsyncIterator[Serving]:
        async with open_mailer(given, connect, now) as up:
            yield up
        async with open_mongo(given.mongo_url, f"{given.database_prefix}mailer") as mongo:
            states.extend(row["state"] for row in await mongo.collection("mails").find({}))

    office.is_open.clear()
    async with running(Service.MAILER, stopped_and_read, settings, FixedClock()) as mailer:
        await mailer.deliver(a_change())
        await office.took()
        asyncio.get_running_loop().call_later(_LOOKS, office.is_open.set)

    assert states == ["sent"]
