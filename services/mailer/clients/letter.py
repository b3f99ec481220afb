"""Builds the message that goes over SMTP, and refuses what would break out of a header."""

import re
from binascii import b2a_qp
from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from services.mailer.clients.renderer import Rendered

_MESSAGE_ID: Final = r"<[A-Za-z0-9._+-]{1,128}@[A-Za-z0-9.-]{1,253}>"
_HEADER_NAME: Final = r"(?:X-|List-)[A-Za-z0-9-]{1,60}"
_LONGEST_ADDRESS: Final = 254
_LONGEST_LOCAL_PART: Final = 64

# Parsing a header costs more than encoding a body, so those that never change are parsed once.
_parsed: Final = SMTP.header_factory
_ENVELOPE_HEADERS: Final = (
    _parsed("Auto-Submitted", "auto-generated"),
    _parsed("MIME-Version", "1.0"),
    # "=_" never occurs in quoted-printable text, so this boundary is safe (RFC 2045 §6.7).
    _parsed("Content-Type", 'multipart/alternative; boundary="=_portal"'),
)
_PART_HEADERS: Final = {
    subtype: (
        _parsed("Content-Type", f'text/{subtype}; charset="utf-8"'),
        _parsed("Content-Transfer-Encoding", "quoted-printable"),
    )
    for subtype in ("plain", "html")
}


class LetterError(Exception):
    """A letter can't be built; the text names what is wrong, without the address itself."""


def parse_address(address: str, name: str = "") -> Address:
    """A checked mail address (RFC 5321 §4.1.2); a domain outside ASCII takes its IDNA form."""
    if not name.isprintable():
        raise LetterError("The name of the mailbox has a line break or control character.")
    local_part, at, domain = address.rpartition("@")
    if not (at and local_part.isascii() and address.isprintable()):
        raise LetterError("The mail address has no @, or characters that mail can't carry.")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        parsed = Address(name, addr_spec=f"{local_part}@{ascii_domain}")
    except (ValueError, IndexError, MessageError) as error:
        raise LetterError("The mail address is not well formed.") from error
    is_host = re.fullmatch(r"(?!-)[A-Za-z0-9-]+(?:\.(?!-)[A-Za-z0-9-]+)*", ascii_domain)
    too_long = len(local_part) > _LONGEST_LOCAL_PART or len(parsed.addr_spec) > _LONGEST_ADDRESS
    # The parser drops spaces and comments in silence; an address that needs that is none of ours.
    was_mended = parsed.addr_spec != f"{local_part}@{ascii_domain}"
    if was_mended or not is_host or too_long:
        raise LetterError("The mail address is not well formed or too long.")
    return parsed


def build(
    rendered: Rendered,
    *,
    message_id: str,
    sender: Address,
    recipient: Address,
    date: datetime,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """One letter to one recipient, as text and as HTML; `headers` may add `X-…` and `List-…`."""
    if not re.fullmatch(_MESSAGE_ID, message_id):
        raise LetterError("The Message-ID is not well formed.")
    letter = EmailMessage(policy=SMTP)
    try:
        letter["From"] = sender
        letter["To"] = recipient
        letter["Subject"] = rendered.subject
        letter["Date"] = date
        letter["Message-ID"] = message_id
        for name, value in (headers or {}).items():
            letter[_allowed(name)] = value
    except ValueError as error:
        raise LetterError("A header has a line break or is not well formed.") from error
    for header in _ENVELOPE_HEADERS:
        letter[header.name] = header
    letter.attach(_part("plain", rendered.text))
    letter.attach(_part("html", rendered.html))
    return letter


def _allowed(name: str) -> str:
    if not re.fullmatch(_HEADER_NAME, name):
        raise LetterError("A header may only be added under a name that begins with X- or List-.")
    return name


def _part(subtype: str, content: str) -> EmailMessage:
    """Quoted-printable by the C encoder, which is many times faster than `set_content`."""
    part = EmailMessage(policy=SMTP)
    for header in _PART_HEADERS[subtype]:
        part[header.name] = header
    part.set_payload(b2a_qp(content.encode(), istext=True).decode("ascii"))
    return part
