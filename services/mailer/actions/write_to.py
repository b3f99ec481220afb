"""Writing to an organisation: one mail to each of its people whom something concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from services.mailer.actions.queue_mail import Order, Wording, queue_mail
from services.mailer.deps import Deps
from services.mailer.domain.mails import mail_id
from services.mailer.domain.templates import OPTIONAL, Template
from services.mailer.store.contacts import Contact
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
    wording: Wording | None = None
    happened_at: datetime | None = None
    ends_on: date | None = None
    roles: tuple[str, ...] = ADMINS


async def write_to(deps: Deps, notice: Notice, cause: CloudEvent, tx: Transaction) -> None:
    """Queue the notice for every active account of the organisation that has one of the roles, each
    in its own language, and for the addresses that the settings name besides. One mail per event
    and address, however often the event comes.
    """
    contacts = await deps.contacts.holders(notice.org, notice.roles, tx)
    reached = {contact.email.casefold() for contact in contacts}
    settings = await deps.recipients.of(notice.org, tx)
    others = [
        Contact("", notice.org, address, address, settings.locale)
        for address in settings.addresses
        if address.casefold() not in reached
    ]
    wanted = [*contacts, *others]
    if notice.template in OPTIONAL:
        wanted = await deps.contacts.that_want_optional(wanted, tx)
    for contact in wanted:
        order = Order(
            cause_id=mail_id(cause.id, contact.account_id or f"{notice.org}/{contact.email}"),
            template=notice.template,
            locale=contact.locale,
            account_id=contact.account_id,
            recipient=contact.email,
            words={"org": contact.org, "username": contact.username, **notice.words},
            wording=notice.wording,
            happened_at=notice.happened_at,
            ends_on=notice.ends_on,
        )
        await queue_mail(deps, order, tx)
