"""What the services' events about the Reseller Portal have in common."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


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


class Difference(BaseModel):
    """A record that the two sides don't have alike."""

    model_config = ConfigDict(frozen=True)

    kind: str
    id: str
    how: Literal["differs", "missing_here", "missing_there"]


class DriftFacts(BaseModel):
    """What one service's records of a reseller are against what the Reseller Portal says it has.

    Whatever differs or is missing there has just been sent again.
    """

    comparison_id: str
    """The id of the message that asked."""
    reseller_id: str
    checksums: dict[str, str]
    """Per kind of record, as it is here."""
    checksums_there: dict[str, str]
    differences: list[Difference]
    """At most the first 1,000."""
    different: int
    """How many there are."""
