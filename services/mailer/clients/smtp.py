"""Hands mails to the relay over SMTP, on a few connections that are used again and again."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Final, Literal

import structlog
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from shared.clock import monotonic

log = structlog.get_logger()

IDLE_SECONDS: Final = 15.0
"""Connections idle for longer are not trusted any more: relays and firewalls drop them silently."""
_QUIT_SECONDS: Final = 1.0
_REFUSALS: Final = range(400, 600)
_CLOSING: Final = 421
_LONGEST_ANSWER: Final = 300


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
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, sender: str, recipient: str, content: bytes) -> Taken:
        """Hand one mail over and return the answer; raises NotTakenError."""
        async with self._slots:
            try:
                async with asyncio.timeout(self._seconds):
                    smtp = await self._begin(sender)
                    return await self._hand_over(smtp, recipient, content)
            except (SMTPException, OSError, TimeoutError) as error:
                log.warning("relay_fails", error=type(error).__name__, smtp_code=_code(error))
                raise NotTakenError(None, type(error).__name__) from error

    async def close(self) -> None:
        """Say goodbye on the connections that are idle."""
        while self._idle:
            smtp, _ = self._idle.pop()
            try:
                await smtp.quit(timeout=_QUIT_SECONDS)
            except (SMTPException, OSError, TimeoutError):
                smtp.close()

    async def _begin(self, sender: str) -> SMTP:
        """A connection that has taken the sender.

        One that was idle may be dead or worn out. As nothing of the mail has gone out yet, the
        next one is tried, at last a fresh one.
        """
        while self._idle:
            smtp, since = self._idle.pop()
            if monotonic() - since < IDLE_SECONDS and smtp.is_connected:
                try:
                    await self._greet(smtp, sender)
                except (SMTPException, OSError):
                    continue
                return smtp
            smtp.close()
        smtp = self._fresh()
        await smtp.connect()
        await self._greet(smtp, sender)
        return smtp

    async def _greet(self, smtp: SMTP, sender: str) -> None:
        try:
            await smtp.mail(sender)
        except BaseException:
            smtp.close()
            raise

    async def _hand_over(self, smtp: SMTP, recipient: str, content: bytes) -> Taken:
        try:
            await smtp.rcpt(recipient)
            taken = await smtp.data(content)
        except SMTPResponseException as refusal:
            await self._forget(smtp, refusal.code)
            raise NotTakenError(_code(refusal), _said(refusal.message)) from refusal
        except BaseException:
            smtp.close()
            raise
        self._idle.append((smtp, monotonic()))
        return Taken(taken.code, _said(taken.message))

    async def _forget(self, smtp: SMTP, refusal: int) -> None:
        """Make the relay forget a mail that it has refused, so that others can follow.

        What it has said of this one stands even where that fails.
        """
        if refusal not in _REFUSALS or refusal == _CLOSING:
            smtp.close()
            return
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            smtp.close()
        except BaseException:
            smtp.close()
            raise
        else:
            self._idle.append((smtp, monotonic()))

    def _fresh(self) -> SMTP:
        server = self._server
        is_open = server.security == "none"
        return SMTP(
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


def _said(text: str) -> str:
    """The relay's own words, in one printable line of bounded length."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_ANSWER]


def _code(error: BaseException) -> int | None:
    code = getattr(error, "code", None)
    return code if code in _REFUSALS else None
