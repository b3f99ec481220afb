"""What happened anywhere in the portal, for the activity: any event may be noted, beside whatever
else tenancy does because of it.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.tenancy.actions.activity import note_activity
from services.tenancy.deps import Deps
from shared.contracts.events import Event
from shared.inbox import Received
from shared.outbox import Transaction

E = TypeVar("E", bound=Event)


async def happened(deps: Deps, received: Received[E], transaction: Transaction) -> None:
    await note_activity(deps, received.envelope, transaction)


def noted(
    consume: Callable[[Deps, Received[E], Transaction], Awaitable[None]],
) -> Callable[[Deps, Received[E], Transaction], Awaitable[None]]:
    """A consumer of an event that is noted besides."""

    async def consumed(deps: Deps, received: Received[E], transaction: Transaction) -> None:
        await consume(deps, received, transaction)
        await note_activity(deps, received.envelope, transaction)

    return consumed
