"""What the services' events about the Reseller Portal have in common."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

RecordId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]


class IdRange(BaseModel):
    """The records of a kind whose ids come after one and not after another, by their characters'
    codes.
    """

    model_config = ConfigDict(frozen=True)

    after: RecordId | None = None
    """None: from the first one on."""
    until: RecordId | None = None
    """None: to the last one."""

    def holds(self, record: str) -> bool:
        is_late_enough = self.after is None or record > self.after
        return is_late_enough and (self.until is None or record <= self.until)


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
    part_of: str | None = None
    """The id of the comparison of checksums that this was a part of, as the other side says."""
    ranges: dict[str, IdRange] | None = None
    """The kinds of which only this range was compared; the checksums are of the range then."""


class RangeChecksum(IdRange):
    """What there is here of a kind in a range."""

    kind: str
    records: int
    checksum: str


class ChecksumFacts(BaseModel):
    """What one service's records of a reseller come to, beside what the Reseller Portal says."""

    comparison_id: str
    """The id of the message that asked."""
    reseller_id: str
    checksums: dict[str, str]
    """Per kind of record, as it is here."""
    checksums_there: dict[str, str]
    ranges: list[RangeChecksum]
    """All records of the kinds that differ, in ranges that a message can name record by record."""
