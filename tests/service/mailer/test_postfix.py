"""Our side of SMTP against a relay of another make: Debian's Postfix, with what it insists on."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.mailer.clients.returned import bounces_in
from services.mailer.clients.smtp import NotTakenError, Server, SmtpRelay
from tests.support.postfix import GONE, LATER, PASSWORD, UNKNOWN, Postfix, as_sent, postfix

pytestmark = [pytest.mark.foreign, pytest.mark.timeout(120)]
BOTH_WAYS = pytest.mark.parametrize(
    "more", [{}, {"smtpd_discard_ehlo_keywords": "pipelining"}], ids=["pipelining", "step by step"]
)
ADA = "ada@acme.example"
ONLY_WITH_PASSWORD = {
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_recipient_restrictions": "permit_sasl_authenticated, reject",
}


def a_mail(body: str = "Hello.", number: int = 1) -> bytes:
    head = (
        "From: no-reply@portal.example\r\nSubject: Hello\r\n"
        f"Message-ID: <m-{number}@portal.example>\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\n"
    )
    return f"{head}\r\n{body}\r\n".encode("ascii")


@asynccontextmanager
async def a_relay(server: Postfix, **more: Any) -> AsyncIterator[SmtpRelay]:
    given = {"host": "127.0.0.1", "tls": server.trust, "security": "starttls", **more}
    connections = given.pop("connections", 1)
    told = Server(port=server.port, greet_as="portal.example", **given)
    relay = SmtpRelay(told, connections=connections, seconds=20.0)
    try:
        yield relay
    finally:
        await relay.close()


async def send(relay: SmtpRelay, to: str = ADA, mail: bytes | None = None) -> int | None:
    """The answer's code, or None where the mail was not to blame or there was no answer."""
    try:
        taken = await relay.send("no-reply@portal.example", to, mail or a_mail())
    except NotTakenError as error:
        return error.smtp_code
    return taken.smtp_code


@BOTH_WAYS
@pytest.mark.parametrize(
    "body",
    [
        ".\r\n..\r\n.a\r\n\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n.",
        f"{'x' * 998}\r\n.{'y' * 997}",
        "spaces at the end   \r\n\t\r\n\r\n\r\n",
    ],
    ids=["dots", "long lines", "blanks"],
)
async def test_what_arrives_is_what_was_sent(body: str, more: dict[str, str]) -> None:
    mail = a_mail(body)

    async with postfix(**more) as server:
        async with a_relay(server) as relay:
            code = await send(relay, mail=mail)
            (delivered,) = await server.delivered()
        (session,) = await server.sessions()

    assert code == 250
    assert as_sent(delivered) == mail
    assert "starttls=1" in session


@BOTH_WAYS
async def test_refusals_are_of_the_mail_and_the_next_one_goes_on_the_same_connection(
    more: dict[str, str],
) -> None:
    async with postfix(**more) as server:
        async with a_relay(server) as relay:
            codes = [await send(relay, to) for to in (UNKNOWN, LATER, ADA, UNKNOWN, ADA)]
        delivered = await server.delivered(2)
        (session,) = await server.sessions()

    assert codes == [550, 450, 250, 550, 250]
    assert [as_sent(one) for one in delivered] == [a_mail()] * 2
    assert "rcpt=2/5" in session


async def test_no_mail_is_lost_where_a_relay_has_enough_of_our_errors() -> None:
    async with postfix() as server, a_relay(server) as relay:
        refused = [await send(relay, UNKNOWN) for _ in range(50)]
        code = await send(relay)
        (delivered,) = await server.delivered()
        await server.says("too many errors")

    assert refused == [550] * 50
    assert code == 250
    assert as_sent(delivered) == a_mail()


async def test_many_mails_share_few_connections() -> None:
    mails = [a_mail(f"Mail {number}", number) for number in range(200)]

    async with postfix() as server:
        async with a_relay(server, connections=3) as relay, asyncio.TaskGroup() as group:
            sent = [
                group.create_task(send(relay, f"user{number}@acme.example", mail))
                for number, mail in enumerate(mails)
            ]
        delivered = await server.delivered(200)
        sessions = await server.sessions(3)

    assert {task.result() for task in sent} == {250}
    assert sorted(map(as_sent, delivered)) == sorted(mails)
    assert len(sessions) == 3


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail() -> None:
    async with postfix() as server:
        async with a_relay(server, tls=ssl.create_default_context()) as relay:
            code = await send(relay)
        sessions = await server.sessions()

    assert code is None
    assert not [session for session in sessions if "mail=" in session]


async def test_a_certificate_of_another_host_gets_no_mail() -> None:
    async with postfix() as server:
        async with a_relay(server, host="localhost") as relay:
            code = await send(relay)
        sessions = await server.sessions()

    assert code is None
    assert not [session for session in sessions if "mail=" in session]


async def test_a_relay_that_lost_its_certificate_gets_no_mail_in_clear() -> None:
    async with postfix(smtpd_tls_security_level="none") as server:
        async with a_relay(server) as relay:
            code = await send(relay)
        sessions = await server.sessions()

    assert code is None
    assert not [session for session in sessions if "mail=" in session]


async def test_a_relay_that_insists_on_tls_is_not_held_against_the_mail() -> None:
    async with postfix() as server, a_relay(server, security="none") as relay:
        assert await send(relay) is None


@pytest.mark.parametrize("mechanism", ["CRAM-MD5", "PLAIN", "LOGIN"])
async def test_we_sign_in_where_the_relay_wants_it(mechanism: str) -> None:
    more = {**ONLY_WITH_PASSWORD, "smtpd_sasl_mechanism_filter": mechanism}

    async with postfix(**more) as server:
        async with a_relay(server, username="portal@relay.example", password=PASSWORD) as relay:
            code = await send(relay)
        (delivered,) = await server.delivered()
        await server.says(f"sasl_method={mechanism}")

    assert code == 250
    assert as_sent(delivered) == a_mail()


@pytest.mark.parametrize(
    "login", [{}, {"username": "portal@relay.example", "password": "wrong"}], ids=["none", "wrong"]
)
async def test_a_relay_that_does_not_know_us_is_not_held_against_the_mail(
    login: dict[str, str],
) -> None:
    async with postfix(**ONLY_WITH_PASSWORD) as server, a_relay(server, **login) as relay:
        assert await send(relay) is None


async def test_a_relay_without_room_is_not_held_against_the_mail() -> None:
    async with postfix(queue_minfree="9000000000000000") as server, a_relay(server) as relay:
        assert await send(relay) is None
        await server.says("452 4.3.1")


async def test_a_mail_that_is_too_large_is_refused_for_good() -> None:
    async with postfix(message_size_limit="2000") as server:
        async with a_relay(server) as relay:
            codes = [await send(relay, mail=a_mail("x" * 900 + "\r\n" + "x" * 2000))]
            codes.append(await send(relay))
        (delivered,) = await server.delivered()

    assert codes == [552, 250]
    assert as_sent(delivered) == a_mail()


async def test_its_reports_of_returned_mails_are_read() -> None:
    async with postfix() as server:
        async with a_relay(server) as relay:
            code = await send(relay, GONE)
        (report,) = await server.delivered()

    (bounce,) = bounces_in(report)
    assert code == 250
    assert bounce.is_for_good
    assert (bounce.mail_id, bounce.address, bounce.status) == ("m-1", GONE, "5.1.1")
    assert "Gone for good" in bounce.diagnostic
