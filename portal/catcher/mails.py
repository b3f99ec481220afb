"""Reads raw mails, however broken, into what the list, the page and the API show."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final, TypeVar

T = TypeVar("T")

SNIPPET_LENGTH: Final = 250

# What the standard library's lenient parser still raises on headers and bodies it can't make out.
UNREADABLE: Final = (ValueError, LookupError, AttributeError, TypeError, MessageError)


@dataclass(frozen=True)
class Person:
    """A mailbox as a header names it; either part may be empty."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    """A part that is neither the text nor the HTML of a mail; the size is in bytes, decoded."""

    part_id: str
    file_name: str
    content_type: str
    content_id: str
    size: int
    is_inline: bool


@dataclass(frozen=True)
class Summary:
    """A caught mail as the list shows it; `size` is that of the raw mail in bytes."""

    id: str
    message_id: str
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    reply_to: tuple[Person, ...]
    subject: str
    created_at: datetime
    size: int
    attachments: int
    snippet: str


@dataclass(frozen=True)
class Mail:
    """A caught mail in full."""

    summary: Summary
    date: datetime
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    headers: tuple[tuple[str, str], ...]
    raw: bytes


def read(mail_id: str, raw: bytes, created_at: datetime) -> Mail:
    """Understand as much of a raw mail as there is to understand; it never refuses one."""
    message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
    text, html_body, attachments = _contents(message)
    summary = Summary(
        id=mail_id,
        message_id=_header(message, "Message-ID").strip("<> "),
        sender=next(iter(_people(message, "From")), Person("", "")),
        to=_people(message, "To"),
        cc=_people(message, "Cc"),
        bcc=_people(message, "Bcc"),
        reply_to=_people(message, "Reply-To"),
        subject=_header(message, "Subject"),
        created_at=created_at,
        size=len(raw),
        attachments=len(attachments),
        snippet=_snippet(text, html_body),
    )
    return Mail(
        summary=summary,
        date=_date(message) or created_at,
        text=text,
        html=html_body,
        attachments=attachments,
        headers=tuple((name, str(value)) for name, value in message.raw_items()),
        raw=raw,
    )


def _tried(ask: Callable[[], T], otherwise: T) -> T:
    """Ask the parser, which now and then stumbles over a broken header or body."""
    try:
        return ask()
    except UNREADABLE:
        return otherwise


def _header(message: EmailMessage, name: str) -> str:
    unread = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    value = _tried(lambda: str(message.get(name, "")), next(unread, ""))
    return " ".join(value.split())


def _people(message: EmailMessage, name: str) -> tuple[Person, ...]:
    only_first = [_header(message, name)]
    pairs = getaddresses(_tried(lambda: list(map(str, message.get_all(name, []))), only_first))
    return tuple(Person(*pair) for pair in pairs if any(pair))


def _date(message: EmailMessage) -> datetime | None:
    return _tried(lambda: parsedate_to_datetime(_header(message, "Date")), None)


def _contents(message: EmailMessage) -> tuple[str, str, tuple[Attachment, ...]]:
    text = html_body = ""
    attachments: list[Attachment] = []
    leaves = (part for part in message.walk() if not part.is_multipart())
    for number, part in enumerate(leaves, start=1):
        found = _attachment(str(number), part)
        is_file = found.file_name != "" or _disposition(part) == "attachment"
        if found.content_type == "text/plain" and not is_file and not text:
            text = _decoded(part)
        elif found.content_type == "text/html" and not is_file and not html_body:
            html_body = _decoded(part)
        elif is_file or found.content_type not in {"text/plain", "text/html"}:
            attachments.append(found)
    return text, html_body, tuple(attachments)


def _payload(part: EmailMessage) -> bytes:
    payload: object = _tried(lambda: part.get_payload(decode=True), None)
    return payload if isinstance(payload, bytes) else b""


def _decoded(part: EmailMessage) -> str:
    payload = _payload(part)
    as_utf_8 = payload.decode(errors="replace")
    text = _tried(
        lambda: payload.decode(part.get_content_charset("utf-8"), errors="replace"), as_utf_8
    )
    return text.replace("\r\n", "\n")


def _disposition(part: EmailMessage) -> str:
    return _tried(part.get_content_disposition, None) or ""


def _attachment(part_id: str, part: EmailMessage) -> Attachment:
    return Attachment(
        part_id=part_id,
        file_name=_tried(lambda: part.get_filename(""), ""),
        content_type=_tried(part.get_content_type, "text/plain"),
        content_id=_header(part, "Content-ID").strip("<> "),
        size=len(_payload(part)),
        is_inline=_disposition(part) == "inline",
    )


def _snippet(text: str, html_body: str) -> str:
    if not text.strip():
        visible = re.sub(r"(?is)<(style|script|head)\b.*?</\1\s*>|<[^>]*>", " ", html_body)
        text = html.unescape(visible)
    return " ".join(text.split())[:SNIPPET_LENGTH]
