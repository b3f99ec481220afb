"""Webhooks, as tenancy tells: their reseller gets a mail when nothing gets through any more."""

from services.mailer.actions.write_to import Notice, write_to
from services.mailer.deps import Deps
from services.mailer.domain.templates import Template
from shared.contracts.tenancy import WebhookEnded, WebhookFailureAnnounced
from shared.inbox import Received
from shared.outbox import Transaction


async def webhook_ended(deps: Deps, event: Received[WebhookEnded], tx: Transaction) -> None:
    told = event.body
    words = {"webhook": told.name}
    notice = Notice(
        told.reseller_id, Template.WEBHOOK_ENDED, words, happened_at=event.envelope.time
    )
    await write_to(deps, notice, event.envelope, tx)


async def webhook_failing(
    deps: Deps, event: Received[WebhookFailureAnnounced], tx: Transaction
) -> None:
    told = event.body
    words = {"webhook": told.name}
    notice = Notice(told.reseller_id, Template.WEBHOOK_FAILING, words, happened_at=told.since)
    await write_to(deps, notice, event.envelope, tx)
