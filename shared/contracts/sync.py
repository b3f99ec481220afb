"""What the services' events about the Reseller Portal's messages have in common."""

from typing import Any

from pydantic import BaseModel


class MessageJudged(BaseModel):
    """A message of the Reseller Portal has been judged, by the one service that reads it."""

    message_id: str
    """The id that the Reseller Portal gave it."""
    message_type: str
    record: str
    """What it is about, as it says."""
    reseller_id: str | None = None
    """The company that it is about, as it says."""


class MessageTaken(MessageJudged):
    outcome: str
    """`applied`, or `ignored` where something later is known or it changes nothing."""


class MessageRejected(MessageJudged):
    reason: str
    """A code, such as `not_your_customer`."""
    detail: str
    message: dict[str, Any]
    """The message itself, as far as it could be read."""
