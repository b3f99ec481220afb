"""Writing to an organisation: one mail to each of its people whom something concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.mailer.actions.queue_mail import Order, queue_mail
from services.mailer.deps import Deps
from services.mailer.domain.mails import mail_id
from services.mailer.domain.templates import Template
from shared.access import Role
from shared.contracts.events import CloudEvent
from shared.outbox import Transaction

ADMINS: Final = (Role.VENDOR_ADMIN, Role.RESELLER_ADMIN, Role.ADMIN)
"""Whoever manages an organisation; each kind of organisation knows only one of the roles."""


@dataclass(frozen=True)
class Notice:
    """What an organisation is told, and those of its people who are."""

    org: str
    template: Template
    words: Mapping[str, str] = field(default_factory=dict)
    happened_at: datetime | None = None
    roles: tuple[str, ...] = ADMINS


async def write_to(deps: Deps, notice: Notice, cause: CloudEvent, tx: Transaction) -> None:
    """Queue the notice for every active account of the organisation that has one of the roles, each
    in its own language. One mail per event and account, however often the event comes.
    """
    for contact in await deps.contacts.holders(notice.org, notice.roles, tx):
        order = Order(
            cause_id=mail_id(cause.id, contact.account_id),
            template=notice.template,
            locale=contact.locale,
            account_id=contact.account_id,
            recipient=contact.email,
            words={"org": contact.org, "username": contact.username, **notice.words},
            happened_at=notice.happened_at,
        )
        await queue_mail(deps, order, tx)
