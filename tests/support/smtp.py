"""A real SMTP server for tests that answers as it is told and keeps what it takes."""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

DROP: Final = "drop"
"""In place of an answer: the mail is kept, then the connection is cut."""


@dataclass(frozen=True)
class Taken:
    """A mail that was sent in full, whatever was answered."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    is_encrypted: bool

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    def text(self, subtype: str = "plain") -> str:
        part = self.message.get_body((subtype,))
        assert isinstance(part, EmailMessage)
        return str(part.get_content())


@dataclass
class PostOffice:
    """What the server has seen, and how it will answer."""

    port: int = 0
    is_pipelining: bool = True
    """Whether it offers to take several commands at once, as nearly all relays do."""
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    senders: deque[str] = field(default_factory=deque)
    """Answers to the next MAIL commands; with none left, all are accepted."""
    recipients: deque[str] = field(default_factory=deque)
    """Answers to the next RCPT commands."""
    contents: deque[str] = field(default_factory=deque)
    """Answers to the next mails after DATA."""
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is not set, no mail is answered."""
    sessions: list[SMTP] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.is_open.set()

    async def took(self, count: int = 1) -> list[Taken]:
        """All mails, once there are so many."""
        async with asyncio.timeout(5):
            while len(self.taken) < count:
                await asyncio.sleep(0.01)
        return self.taken

    def hang_up(self) -> None:
        """Cut every connection, as a server does that has waited long enough."""
        for session in self.sessions:
            if session.transport is not None:
                session.transport.close()
        self.sessions.clear()


class _Clerk:
    """Answers aiosmtpd's calls."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_EHLO(  # noqa: N802 as aiosmtpd wants it
        self, _: SMTP, session: Session, __: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return (
            [answers[0], "250-PIPELINING", *answers[1:]] if self._office.is_pipelining else answers
        )

    async def handle_MAIL(  # noqa: N802 as aiosmtpd wants it
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._office.senders:
            return self._office.senders.popleft()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 as aiosmtpd wants it
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if self._office.recipients:
            return self._office.recipients.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 as aiosmtpd wants it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message: Any = message_from_bytes(content, policy=policy.default)
        taken = Taken(str(envelope.mail_from), envelope.rcpt_tos, message, bool(session.ssl))
        self._office.taken.append(taken)
        await self._office.is_open.wait()
        answer = self._office.contents.popleft() if self._office.contents else "250 OK"
        if answer == DROP:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


@asynccontextmanager
async def post_office(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    password: bytes | None = None,
) -> AsyncIterator[PostOffice]:
    """A server on a free loopback port; with a password it wants one before any mail."""
    office = PostOffice()
    loop = asyncio.get_running_loop()

    def may_enter(*arguments: Any) -> AuthResult:
        return AuthResult(success=arguments[-1].password == password, handled=False)

    def session() -> SMTP:
        office.connections += 1
        protocol = SMTP(
            _Clerk(office),
            hostname="relay.invalid",
            tls_context=starttls,
            authenticator=may_enter,
            auth_required=password is not None,
            loop=loop,
        )
        office.sessions.append(protocol)
        return protocol

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        office.hang_up()
        await server.wait_closed()
