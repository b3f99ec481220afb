"""Events about running the portal, whichever service publishes them."""

from pydantic import BaseModel

from shared.contracts.events import Event, Service
from shared.ids import VENDOR


class _LetterFacts(BaseModel):
    letter_id: str
    service: str
    """The reader that could not handle the event."""
    event_type: str
    org: str = VENDOR


class DeadLetterReplayed(
    _LetterFacts,
    Event,
    type="portal.operations.dead_letter.replayed.v1",
    about="letter_id",
    readers=(Service.TENANCY,),
):
    """An event that could not be handled is tried again."""


class DeadLetterEdited(
    _LetterFacts,
    Event,
    type="portal.operations.dead_letter.edited.v1",
    about="letter_id",
    readers=(Service.TENANCY,),
):
    """Somebody changed what an event says that could not be handled."""

    fields: list[str]
    """The fields of its body that differ now."""


class DeadLetterDropped(
    _LetterFacts,
    Event,
    type="portal.operations.dead_letter.dropped.v1",
    about="letter_id",
    readers=(Service.TENANCY,),
):
    """An event that could not be handled never will be: somebody decided so."""
