"""Access for a time, as tenancy tells: both sides get a mail about what concerns them."""

from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain.templates import Template
from shared.contracts.tenancy import (
    AccessEndAnnounced,
    AccessEnded,
    AccessFacts,
    AccessRequested,
)
from shared.inbox import Received
from shared.outbox import Transaction


async def access_requested(deps: Deps, event: Received[AccessRequested], tx: Transaction) -> None:
    """Only the customer is asked."""
    told = event.body
    words = {**_words(told), "duration": told.duration, "reason": told.reason}
    notice = Notice(told.tenant_id, Template.ACCESS_REQUESTED, words)
    await write_to(deps, notice, event.envelope, tx)


async def access_end_announced(
    deps: Deps, event: Received[AccessEndAnnounced], tx: Transaction
) -> None:
    told = event.body
    for org in (told.tenant_id, told.reseller_id):
        notice = Notice(org, Template.ACCESS_ENDING, _words(told), happened_at=told.until)
        await write_to(deps, notice, event.envelope, tx)


async def access_ended(deps: Deps, event: Received[AccessEnded], tx: Transaction) -> None:
    told = event.body
    for org in (told.tenant_id, told.reseller_id):
        notice = Notice(org, Template.ACCESS_ENDED, _words(told))
        await write_to(deps, notice, event.envelope, tx)


def _words(told: AccessFacts) -> dict[str, str]:
    return {
        "tenant_id": told.tenant_id,
        "reseller_id": told.reseller_id,
        "roles": ", ".join(told.roles),
    }
