"""The relay as a client sees it: encrypted or not at all, and few connections for many mails."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.mailer.clients import smtp
from services.mailer.clients.smtp import NotTakenError, Server, SmtpRelay
from services.mailer.settings import MailerSettings
from shared.keys import sealing_keys
from tests.support.certificates import server_and_client
from tests.support.service import settings_of
from tests.support.smtp import PostOffice, post_office


@pytest.fixture(params=[True, False], ids=["pipelining", "step by step"])
async def office(request: pytest.FixtureRequest) -> AsyncIterator[PostOffice]:
    async with post_office() as open_office:
        open_office.is_pipelining = request.param
        yield open_office


_MAIL = b"Subject: Hello\r\nMessage-ID: <1@portal.example>\r\n\r\nHello.\r\n.\r\nBye.\r\n"


@asynccontextmanager
async def a_relay(office: PostOffice, **more: Any) -> AsyncIterator[SmtpRelay]:
    given = {"security": "none", "tls": ssl.create_default_context(), **more}
    seconds = given.pop("seconds", 5.0)
    server = Server(host="127.0.0.1", port=office.port, greet_as="portal.example", **given)
    relay = SmtpRelay(server, connections=2, seconds=seconds)
    try:
        yield relay
    finally:
        await relay.close()


async def send(relay: SmtpRelay) -> int:
    return (await relay.send("no-reply@portal.example", "ada@acme.example", _MAIL)).smtp_code


async def refusal_of(relay: SmtpRelay) -> int | None:
    with pytest.raises(NotTakenError) as refused:
        await send(relay)
    return refused.value.smtp_code


async def test_starttls_is_used_and_the_mail_arrives_whole(tmp_path: Path) -> None:
    server, client = server_and_client(tmp_path)

    async with (
        post_office(starttls=server) as office,
        a_relay(office, security="starttls", tls=client) as relay,
    ):
        code = await send(relay)

    (taken,) = office.taken
    assert code == 250
    assert taken.is_encrypted
    assert taken.message.get_content() == "Hello.\r\n.\r\nBye.\r\n"


async def test_a_relay_may_speak_tls_from_the_first_byte(tmp_path: Path) -> None:
    server, client = server_and_client(tmp_path)

    async with (
        post_office(tls=server) as office,
        a_relay(office, security="tls", tls=client) as relay,
    ):
        assert await send(relay) == 250


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    tmp_path: Path, security: str
) -> None:
    server, _ = server_and_client(tmp_path)
    kind: dict[str, Any] = {security: server}

    async with post_office(**kind) as office, a_relay(office, security=security) as relay:
        assert await refusal_of(relay) is None

    assert office.taken == []


async def test_a_relay_without_starttls_gets_no_mail(office: PostOffice) -> None:
    async with a_relay(office, security="starttls") as relay:
        assert await refusal_of(relay) is None

    assert office.taken == []


async def test_a_wrong_password_is_not_held_against_the_mail(tmp_path: Path) -> None:
    server, client = server_and_client(tmp_path)
    more: dict[str, Any] = {"security": "starttls", "tls": client, "username": "portal"}

    async with post_office(starttls=server, password=b"right") as office:
        async with a_relay(office, **more, password="wrong") as relay:
            assert await refusal_of(relay) is None
        async with a_relay(office, **more, password="right") as relay:
            assert await send(relay) == 250


async def test_a_sender_that_the_relay_does_not_know_is_not_held_against_the_mail(
    office: PostOffice,
) -> None:
    office.senders.append("553 Sender not allowed")

    async with a_relay(office) as relay:
        assert await refusal_of(relay) is None


def test_a_password_is_never_sent_in_clear() -> None:
    keys = sealing_keys().private()
    login = {"smtp_username": "portal", "smtp_password": "secret", "smtp_security": "none"}

    with pytest.raises(ValidationError, match="A password is only sent over TLS"):
        settings_of(MailerSettings, "mongodb://nobody.invalid", mailer_keys=keys, **login)


async def test_many_mails_share_few_connections(office: PostOffice) -> None:
    async with a_relay(office) as relay, asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(send(relay))

    assert len(office.taken) == 20
    assert office.connections == 2


async def test_a_connection_outlives_a_refused_mail(office: PostOffice) -> None:
    office.recipients.append("550 No such mailbox")
    office.contents.append("452 Mailbox full")

    async with a_relay(office) as relay:
        codes = [await refusal_of(relay), await refusal_of(relay), await send(relay)]

    assert codes == [550, 452, 250]
    assert office.connections == 1


async def test_a_connection_that_died_while_idle_costs_no_mail(office: PostOffice) -> None:
    async with a_relay(office) as relay:
        await send(relay)
        office.hang_up()

        assert await send(relay) == 250

    assert office.connections == 2


async def test_a_relay_that_closes_at_the_next_mail_costs_no_mail(office: PostOffice) -> None:
    async with a_relay(office) as relay:
        await send(relay)
        office.senders.append("421 Enough mails on this connection")

        assert await send(relay) == 250

    assert office.connections == 2


async def test_a_connection_idle_for_long_is_not_trusted(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_relay(office) as relay:
        await send(relay)
        monkeypatch.setattr(smtp, "IDLE_SECONDS", 0.0)

        await send(relay)

    assert office.connections == 2


async def test_silence_ends_when_the_time_is_up(office: PostOffice) -> None:
    office.is_open.clear()

    async with a_relay(office, seconds=0.3) as relay:
        assert await refusal_of(relay) is None
        office.is_open.set()
        assert await send(relay) == 250


async def test_nobody_listening_is_no_answer(office: PostOffice, unused_tcp_port: int) -> None:
    office.port = unused_tcp_port

    async with a_relay(office) as relay:
        assert await refusal_of(relay) is None
