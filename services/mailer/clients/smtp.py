"""Hands mails to the relay over SMTP, on a few connections that are used again and again."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, cast

import structlog
from aiosmtplib import SMTP, SMTPException

from services.mailer.clients.conversation import (
    Conversation,
    ConversationError,
    MailRefusedError,
    RefusedError,
    SenderRefusedError,
    text_of,
)
from shared.clock import monotonic

log = structlog.get_logger()

IDLE_SECONDS: Final = 15.0
"""Connections idle for longer are not trusted any more: relays and firewalls drop them silently."""
_QUIT_SECONDS: Final = 1.0
_REFUSALS: Final = range(400, 600)


class NotTakenError(Exception):
    """The relay has not taken a mail, or nobody knows whether it has.

    `smtp_code` is its answer to this mail (4xx for now, 5xx for good). It is None where there was
    no answer, and where the relay refused us and not the mail: a wrong password or certificate,
    or a sender that it doesn't know, is ours to mend and ends no mail.
    """

    def __init__(self, smtp_code: int | None, answer: str | None = None) -> None:
        self.smtp_code = smtp_code
        self.answer = answer
        super().__init__(f"not taken: {smtp_code}")


@dataclass(frozen=True)
class Taken:
    """The relay's answer to a mail that it has taken."""

    smtp_code: int
    answer: str


@dataclass(frozen=True)
class Server:
    """The relay and how to speak to it."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    tls: ssl.SSLContext
    greet_as: str
    username: str | None = None
    password: str | None = None


class SmtpRelay:
    """The relay as a client sees it. At most so many connections are open at once."""

    def __init__(self, server: Server, *, connections: int, seconds: float) -> None:
        self._server = server
        self._seconds = seconds
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[tuple[Conversation, float]] = []

    async def send(self, sender: str, recipient: str, content: bytes) -> Taken:
        """Hand one mail over and return the answer; raises NotTakenError."""
        text = text_of(content)
        async with self._slots:
            try:
                async with asyncio.timeout(self._seconds):
                    conversation = await self._begin(sender, recipient)
                    return await self._hand_over(conversation, text)
            except MailRefusedError as refusal:
                answer = refusal.answer
                raise NotTakenError(_code(refusal), answer.text) from refusal
            except SenderRefusedError as refusal:
                raise _unreachable(refusal, refusal.answer.text) from refusal
            except (ConversationError, SMTPException, OSError, TimeoutError) as error:
                raise _unreachable(error, type(error).__name__) from error

    async def close(self) -> None:
        """Say goodbye on the connections that are idle."""
        while self._idle:
            conversation, _ = self._idle.pop()
            with suppress(ConversationError, TimeoutError):
                async with asyncio.timeout(_QUIT_SECONDS):
                    await conversation.quit()

    async def _begin(self, sender: str, recipient: str) -> Conversation:
        """A connection on which the mail is proposed.

        One that was idle may be dead or worn out. As the relay can't have the mail yet, the next
        one is tried, at last a fresh one.
        """
        while self._idle:
            conversation, since = self._idle.pop()
            if monotonic() - since < IDLE_SECONDS and conversation.is_at_rest:
                with suppress(ConversationError, SenderRefusedError):
                    return await self._propose(conversation, sender, recipient)
            conversation.close()
        return await self._propose(await self._fresh(), sender, recipient)

    async def _propose(
        self, conversation: Conversation, sender: str, recipient: str
    ) -> Conversation:
        try:
            await conversation.propose(sender, recipient)
        except BaseException:
            self._put_back(conversation)
            raise
        return conversation

    async def _hand_over(self, conversation: Conversation, text: bytes) -> Taken:
        try:
            answer = await conversation.deliver(text)
        finally:
            self._put_back(conversation)
        return Taken(answer.code, answer.text)

    def _put_back(self, conversation: Conversation) -> None:
        if conversation.is_at_rest:
            self._idle.append((conversation, monotonic()))
        else:
            conversation.close()

    async def _fresh(self) -> Conversation:
        server = self._server
        is_open = server.security == "none"
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=server.greet_as,
            timeout=self._seconds,
            use_tls=server.security == "tls",
            # True means required; aiosmtplib's own default would go on in clear without it.
            start_tls=server.security == "starttls",
            tls_context=None if is_open else server.tls,
        )
        try:
            await smtp.connect()
            # Over TLS the relay may offer more than before, so only what it says last counts.
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
        except BaseException:
            smtp.close()
            raise
        assert smtp.transport is not None
        transport = cast(asyncio.Transport, smtp.transport)
        return Conversation(transport, is_pipelining=smtp.supports_extension("pipelining"))


def _unreachable(error: Exception, answer: str) -> NotTakenError:
    """Not taken for a reason that is no fault of the mail."""
    log.warning("relay_fails", error=type(error).__name__, smtp_code=_code(error))
    return NotTakenError(None, answer)


def _code(error: Exception) -> int | None:
    code = error.answer.code if isinstance(error, RefusedError) else getattr(error, "code", None)
    return code if code in _REFUSALS else None
