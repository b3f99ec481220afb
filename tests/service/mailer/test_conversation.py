"""A conversation with relays that are slow, broken or sly, spoken with byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import pytest

from services.mailer.clients.conversation import (
    Answer,
    Conversation,
    ConversationError,
    MailRefusedError,
    SenderRefusedError,
    text_of,
)

_TEXT: Final = text_of(b"Subject: Hello\r\n\r\nHello.\r\n")
_ACCEPTED: Final = b"250 OK\r\n250 OK\r\n354 Go on\r\n"
_TAKEN: Final = b"250 Taken\r\n"


class Relay:
    """It waits until it has heard one thing, then says another, and so on."""

    def __init__(self, script: Sequence[tuple[bytes, bytes]], *, hangs_up: bool) -> None:
        self._script = script
        self._hangs_up = hangs_up
        self.heard: list[bytes] = []
        self.has_ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for awaited, said in self._script:
                self.heard.append(await reader.readuntil(awaited))
                writer.write(said)
            if not self._hangs_up:
                self.heard.append(await reader.read())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.has_ended.set()


@asynccontextmanager
async def a_conversation(
    *script: tuple[bytes, bytes], is_pipelining: bool = True, hangs_up: bool = False
) -> AsyncIterator[tuple[Conversation, Relay]]:
    relay = Relay(script, hangs_up=hangs_up)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
    conversation = Conversation(transport, is_pipelining=is_pipelining)
    try:
        yield conversation, relay
    finally:
        conversation.close()
        await relay.has_ended.wait()
        server.close()
        await server.wait_closed()


async def propose(conversation: Conversation) -> None:
    await conversation.propose("no-reply@portal.example", "ada@acme.example")


async def test_all_commands_of_a_mail_go_out_at_once_where_that_is_offered() -> None:
    async with a_conversation((b"DATA\r\n", _ACCEPTED), (b"\r\n.\r\n", _TAKEN)) as (talk, relay):
        await propose(talk)
        answer = await talk.deliver(_TEXT)

    assert answer == Answer(250, "Taken")
    assert relay.heard[0] == (
        b"MAIL FROM:<no-reply@portal.example>\r\nRCPT TO:<ada@acme.example>\r\nDATA\r\n"
    )


async def test_a_relay_that_offers_nothing_hears_one_command_after_the_other() -> None:
    script = [(b"\r\n", b"250 OK\r\n"), (b"\r\n", b"250 OK\r\n"), (b"\r\n", b"354 Go on\r\n")]

    async with a_conversation(*script, is_pipelining=False) as (talk, relay):
        await propose(talk)

    commands = [command.split()[0] for command in relay.heard[:3]]
    assert commands == [b"MAIL", b"RCPT", b"DATA"]


async def test_a_text_asked_for_without_a_recipient_stays_empty() -> None:
    answers = b"250 OK\r\n550 No such mailbox\r\n354 Go on\r\n"
    script = [
        (b"DATA\r\n", answers),
        (b".\r\n", b"554 No valid recipients\r\n"),
        (b"DATA\r\n", b"250 OK\r\n" + _ACCEPTED),
        (b"\r\n.\r\n", _TAKEN),
    ]

    async with a_conversation(*script) as (talk, relay):
        with pytest.raises(MailRefusedError) as refused:
            await propose(talk)
        await propose(talk)
        answer = await talk.deliver(_TEXT)

    assert refused.value.answer == Answer(550, "No such mailbox")
    assert relay.heard[1] == b".\r\n"
    assert relay.heard[2].startswith(b"RSET\r\nMAIL FROM:")
    assert answer.code == 250


async def test_a_refusal_stands_even_if_the_relay_hangs_up_behind_it() -> None:
    answers = b"250 OK\r\n451 Later\r\n354 Go on\r\n"

    async with a_conversation((b"DATA\r\n", answers), hangs_up=True) as (talk, _):
        with pytest.raises(MailRefusedError) as refused:
            await propose(talk)

        assert refused.value.answer.code == 451
        assert not talk.is_at_rest


async def test_a_relay_that_closes_at_the_first_command_has_refused_the_sender() -> None:
    async with a_conversation((b"DATA\r\n", b"421 Enough\r\n"), hangs_up=True) as (talk, _):
        with pytest.raises(SenderRefusedError) as refused:
            await propose(talk)

    assert refused.value.answer == Answer(421, "Enough")


async def test_a_relay_that_closes_in_the_middle_has_not_taken_the_mail() -> None:
    async with a_conversation((b"DATA\r\n", b"250 OK\r\n"), hangs_up=True) as (talk, _):
        with pytest.raises(ConversationError):
            await propose(talk)


async def test_an_answer_may_come_in_pieces_and_in_many_lines() -> None:
    async with a_conversation((b"DATA\r\n", _ACCEPTED), (b".\r\n", b"250-Taken\r\n25")) as (
        talk,
        _,
    ):
        await propose(talk)
        delivering = asyncio.create_task(talk.deliver(_TEXT))
        await asyncio.sleep(0.05)
        talk.data_received(b"0-as\r")
        talk.data_received(b"\n250 q\x1b7\r\n")

        answer = await delivering

    assert answer == Answer(250, "Taken as q 7")


@pytest.mark.parametrize(
    "said",
    [
        b"Hello!\r\n",
        b"099 no\r\n",
        b"2500 no\r\n",
        b"2\xb250 no\r\n",
        b"250-x\r\n" * 4000,
        b"2" * 20_000,
    ],
)
async def test_what_is_no_answer_ends_the_conversation(said: bytes) -> None:
    async with a_conversation((b"DATA\r\n", said)) as (talk, _):
        with pytest.raises(ConversationError):
            await propose(talk)

        assert not talk.is_at_rest


async def test_half_an_answer_is_none() -> None:
    async with a_conversation((b"DATA\r\n", b"250"), hangs_up=True) as (talk, _):
        with pytest.raises(ConversationError):
            await propose(talk)


async def test_a_connection_lost_behind_the_text_leaves_the_outcome_unknown() -> None:
    async with a_conversation((b"DATA\r\n", _ACCEPTED), (b"\r\n.\r\n", b""), hangs_up=True) as (
        talk,
        _,
    ):
        await propose(talk)

        with pytest.raises(ConversationError):
            await talk.deliver(_TEXT)
        assert not talk.is_at_rest


@pytest.mark.parametrize("said", [_TAKEN + b"421 Bye\r\n", _TAKEN + b"42"])
async def test_who_speaks_unasked_is_not_spoken_to_again(said: bytes) -> None:
    async with a_conversation((b"DATA\r\n", _ACCEPTED), (b"\r\n.\r\n", said)) as (talk, _):
        await propose(talk)

        assert (await talk.deliver(_TEXT)).code == 250
        assert not talk.is_at_rest
        with pytest.raises(ConversationError):
            await propose(talk)


async def test_who_speaks_while_nobody_listens_is_hung_up_on() -> None:
    async with a_conversation((b"DATA\r\n", _ACCEPTED), (b".\r\n", _TAKEN)) as (talk, relay):
        await propose(talk)
        await talk.deliver(_TEXT)
        was_at_rest = talk.is_at_rest

        talk.data_received(b"421 Idle for too long\r\n")

        assert (was_at_rest, talk.is_at_rest) == (True, False)
        async with asyncio.timeout(5):
            await relay.has_ended.wait()


async def test_a_broken_off_wait_leaves_nothing_to_mistake_an_answer_for() -> None:
    async with a_conversation((b"DATA\r\n", _ACCEPTED)) as (talk, _):
        await propose(talk)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await talk.deliver(_TEXT)
        assert not talk.is_at_rest


@pytest.mark.parametrize(
    "address", ["ada@acme.example>\r\nRSET", "ada\n@acme.example", "ä@b.example"]
)
async def test_an_address_never_ends_its_command(address: str) -> None:
    async with a_conversation() as (talk, relay):
        with pytest.raises(ValueError, match="characters that no command may have"):
            await talk.propose("no-reply@portal.example", address)

        assert talk.is_at_rest
    assert relay.heard == [b""]
