"""Reads a returned mail: the report that a mail server sends for one that it can't deliver."""

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from typing import Final

from services.mailer.domain.bounces import Bounce, NoBounceError

_MESSAGE_ID: Final = re.compile(r"<([A-Za-z0-9._+-]{1,128})@[A-Za-z0-9.-]{1,253}>")
_LONGEST_DIAGNOSTIC: Final = 300
_RETURNED: Final = {"message/rfc822", "text/rfc822-headers", "message/global"}


def bounces_in(raw: bytes) -> list[Bounce]:
    """All recipients that a delivery status notification speaks of (RFC 3464, RFC 3462)."""
    try:
        message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        parts = list(message.walk())
        mail_id = _mail_id(parts)
        found = [bounce for part in parts for bounce in _recipients(part, mail_id)]
    except (MessageError, LookupError, ValueError, AttributeError) as error:
        raise NoBounceError("The message can't be read.") from error
    if message.get_content_type() != "multipart/report" or not found:
        raise NoBounceError("The message is no delivery status notification.")
    return found


def _mail_id(parts: Iterable[Message]) -> str:
    for part in parts:
        if part.get_content_type() not in _RETURNED:
            continue
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) else payload
        text = inner.as_string() if isinstance(inner, Message) else str(inner)
        header = re.search(r"(?im)^message-id:\s*(\S+)", text)
        known = _MESSAGE_ID.fullmatch(header.group(1)) if header else None
        if known is not None:
            return known.group(1)
    raise NoBounceError("The notification does not say which mail it is about.")


def _recipients(part: Message, mail_id: str) -> Iterator[Bounce]:
    if part.get_content_type() != "message/delivery-status":
        return
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, Message):
            continue
        # Where a mailbox is forwarded, only the original address is one that we have sent to.
        named = block.get("Original-Recipient") or block.get("Final-Recipient")
        if named is None:
            continue  # the first block is about the whole mail
        yield Bounce(
            mail_id=mail_id,
            address=str(named).partition(";")[2].strip().strip("<>"),
            action=str(block.get("Action", "")).strip().lower(),
            status=str(block.get("Status", "")).split("(")[0].strip(),
            diagnostic=_one_line(str(block.get("Diagnostic-Code", ""))),
        )


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return "".join(sign for sign in flat if sign.isprintable())[:_LONGEST_DIAGNOSTIC]
