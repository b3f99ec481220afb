"""The catcher's SMTP side: every sender and every recipient is welcome, nothing is relayed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.utils import getaddresses
from typing import Final
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.catcher.mailbox import MailBox

LARGEST_MAIL_BYTES: Final = 32 * 1024 * 1024


class Receiver:
    """Puts what aiosmtpd has received into the mailbox."""

    def __init__(self, box: MailBox) -> None:
        self._box = box

    async def handle_DATA(  # noqa: N802 the name that aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        summary = await self._box.add(_trace(envelope, raw) + raw)
        return f"250 Message accepted for delivery as {summary.id}"


@asynccontextmanager
async def smtp_server(box: MailBox, host: str, port: int) -> AsyncIterator[int]:
    """Take mails while the block runs; gives the port, which the system chooses where it is 0."""
    loop = asyncio.get_running_loop()
    sessions: WeakSet[SMTP] = WeakSet()

    def session() -> SMTP:
        # A host name of our own, since aiosmtpd would ask the DNS for one and block the loop.
        protocol = SMTP(
            Receiver(box),
            hostname="mail-catcher.invalid",
            ident="Mail catcher",
            data_size_limit=LARGEST_MAIL_BYTES,
            enable_SMTPUTF8=True,
            loop=loop,
        )
        sessions.add(protocol)
        return protocol

    server = await loop.create_server(session, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        _hang_up(sessions)
        await server.wait_closed()


def _hang_up(sessions: Iterable[SMTP]) -> None:
    for protocol in list(sessions):
        if protocol.transport is not None:
            protocol.transport.close()


def _trace(envelope: Envelope, raw: bytes) -> bytes:
    """What only the envelope knows: the return path, and recipients that no header names."""
    headers = message_from_bytes(raw.partition(b"\r\n\r\n")[0], policy=policy.compat32)
    named = [str(value) for name in ("To", "Cc", "Bcc") for value in headers.get_all(name, [])]
    known = {address.lower() for _, address in getaddresses(named)}
    hidden = [to for to in map(_one_line, envelope.rcpt_tos) if to.lower() not in known]
    lines = [f"Return-Path: <{_one_line(envelope.mail_from or '')}>"]
    if hidden:
        lines.append(f"Bcc: {', '.join(hidden)}")
    return "".join(f"{line}\r\n" for line in lines).encode(errors="replace")


def _one_line(address: str) -> str:
    return "".join(character for character in address if character.isprintable())
