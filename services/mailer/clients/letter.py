"""Builds the message that goes over SMTP, and refuses what would break out of a header.

The `email` package's message objects would cost most of a mail's time, so the few headers that
differ are written here: what users typed goes through that package's header parser, which refuses
line breaks, and everything else must match a pattern.
"""

import base64
import re
from binascii import b2a_qp
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

from services.mailer.clients.renderer import Rendered

_MESSAGE_ID: Final = r"<[A-Za-z0-9._+-]{1,128}@[A-Za-z0-9.-]{1,253}>"
_ADDED_HEADER: Final = r"(?:X-|List-)[A-Za-z0-9-]{1,60}"
_ADDED_VALUE: Final = r"[\x21-\x7e]{1,900}"
_PLAIN_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?!-)[A-Za-z0-9-]+(?:\.(?!-)[A-Za-z0-9-]+)*"
)
"""What nearly all addresses look like; nothing in it means anything to a mail server."""
_ENDS_EARLY: Final = re.compile(r"\n(?![ \t]|$)|\r(?!\n)")
_LONGEST_ADDRESS: Final = 254
_LONGEST_LOCAL_PART: Final = 64

# "=_" never occurs in quoted-printable text, so this boundary is safe (RFC 2045 §6.7).
_BOUNDARY: Final = "=_portal"
_RELATED: Final = "=_related"
_ENVELOPE_HEADERS: Final = (
    "Auto-Submitted: auto-generated\r\n"
    "MIME-Version: 1.0\r\n"
    f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n'
)


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
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        parsed = _address(name, local_part, ascii_domain)
    except (ValueError, IndexError, MessageError) as error:
        raise LetterError("The mail address is not well formed.") from error
    is_host = re.fullmatch(r"(?!-)[A-Za-z0-9-]+(?:\.(?!-)[A-Za-z0-9-]+)*", ascii_domain)
    too_long = len(local_part) > _LONGEST_LOCAL_PART or len(parsed.addr_spec) > _LONGEST_ADDRESS
    # The parser drops spaces and comments in silence; an address that needs that is none of ours.
    was_mended = parsed.addr_spec != f"{local_part}@{ascii_domain}"
    if was_mended or not is_host or too_long:
        raise LetterError("The mail address is not well formed or too long.")
    return parsed


def _address(name: str, local_part: str, domain: str) -> Address:
    if _PLAIN_ADDRESS.fullmatch(f"{local_part}@{domain}"):
        return Address(name, local_part, domain)
    return Address(name, addr_spec=f"{local_part}@{domain}")


def build(  # noqa: PLR0913 the parts of a mail, each with its name
    rendered: Rendered,
    *,
    message_id: str,
    sender: Address,
    recipient: Address,
    date: datetime,
    logo: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """One letter to one recipient, as text and as HTML; `headers` may add `X-…` and `List-…`.

    `logo` is the PNG that the HTML shows as `cid:logo`.
    """
    if not re.fullmatch(_MESSAGE_ID, message_id):
        raise LetterError("The Message-ID is not well formed.")
    try:
        head = [
            _folded("From", str(sender)),
            _to(recipient),
            _folded("Subject", rendered.subject),
            f"Date: {format_datetime(date)}\r\n",
            f"Message-ID: {message_id}\r\n",
            *_added(headers or {}),
            _ENVELOPE_HEADERS,
        ]
    except ValueError as error:
        raise LetterError("A header has a line break or is not well formed.") from error
    html = _part("html", rendered.html)
    parts = (
        "".join(head).encode("ascii"),
        _next(_BOUNDARY),
        _part("plain", rendered.text),
        _next(_BOUNDARY),
        html if logo is None else _with_logo(html, logo),
        _last(_BOUNDARY),
    )
    return b"".join(parts)


@lru_cache(maxsize=4096)
def _folded(name: str, value: str) -> str:
    """A header as the `email` package writes it, encoded and folded; ValueError on a line break."""
    folded = str(SMTP.header_factory(name, value).fold(policy=SMTP))
    if "\r" in value or "\n" in value or _ENDS_EARLY.search(folded):
        raise ValueError("A header has a line break.")
    return folded


def _to(recipient: Address) -> str:
    if not recipient.display_name and _PLAIN_ADDRESS.fullmatch(recipient.addr_spec):
        return f"To: {recipient.addr_spec}\r\n"
    return _folded("To", str(recipient))


def _added(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in headers.items():
        if not re.fullmatch(_ADDED_HEADER, name):
            raise LetterError("A header may only be added if its name begins with X- or List-.")
        if not re.fullmatch(_ADDED_VALUE, value):
            raise LetterError("A header has a line break or is not well formed.")
        yield f"{name}: {value}\r\n"


def _part(subtype: str, content: str) -> bytes:
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode("ascii") + b2a_qp(content.replace("\n", "\r\n").encode(), istext=True)


def _with_logo(html: bytes, logo: bytes) -> bytes:
    """The HTML and the picture that it shows, as one part (RFC 2387)."""
    head = f'Content-Type: multipart/related; type="text/html"; boundary="{_RELATED}"\r\n'
    picture = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        'Content-ID: <logo>\r\nContent-Disposition: inline; filename="logo.png"\r\n\r\n'
    )
    encoded = base64.encodebytes(logo).replace(b"\n", b"\r\n")
    parts = (
        head.encode("ascii"),
        _next(_RELATED),
        html,
        _next(_RELATED),
        picture.encode("ascii") + encoded,
        _last(_RELATED),
    )
    return b"".join(parts)


def _next(boundary: str) -> bytes:
    return f"\r\n--{boundary}\r\n".encode("ascii")


def _last(boundary: str) -> bytes:
    return f"\r\n--{boundary}--\r\n".encode("ascii")
