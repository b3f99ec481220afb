"""Telling the other replicas what was let through here, a few times a second."""

import asyncio
from typing import Final, Protocol

from services.gateway.domain.quotas import Quotas
from shared.clock import Clock, monotonic
from shared.contracts.events import CloudEvent, Event
from shared.contracts.gateway import QuotaUsed
from shared.ids import new_id

TELL_SECONDS: Final = 0.2
HERE_SECONDS: Final = 5.0
"""How often a replica says that it is there, also where there is nothing to tell."""


class Mouth(Protocol):
    async def say(self, event: CloudEvent) -> None:
        """Tell it on the bus, or to nobody where there is none."""


async def tell_what_was_used(quotas: Quotas, mouth: Mouth, now: Clock) -> None:
    """Tell until cancelled. What nobody heard is not told again: the quotas of a silent bus are
    shares, and a minute later it would be about nothing any more.
    """
    said_at = float("-inf")
    while True:
        used = quotas.told()
        if used or monotonic() - said_at > HERE_SECONDS:
            said_at = monotonic()
            await mouth.say(_enveloped(QuotaUsed(replica_id=quotas.replica, used=used), now))
        await asyncio.sleep(TELL_SECONDS)


def _enveloped(event: Event, now: Clock) -> CloudEvent:
    return CloudEvent(
        id=new_id(),
        source="/portal/gateway",
        type=event.type,
        subject=event.subject,
        time=now(),
        sequence=1,
        data=event.model_dump(mode="json"),
    )
