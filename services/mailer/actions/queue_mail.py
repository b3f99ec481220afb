"""Queueing a mail, in the act that takes its cause in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

import structlog

from services.mailer.deps import Deps
from services.mailer.domain.mails import Mail
from services.mailer.domain.templates import Locale, Template
from services.mailer.domain.wording import moment, span, whole_day
from services.mailer.store.mails import Outgoing
from shared.context import cause
from shared.outbox import Transaction

log = structlog.get_logger()

Wording: TypeAlias = Callable[[Locale], Mapping[str, str]]
"""Those words of a mail that differ from language to language."""


@dataclass(frozen=True)
class SealedLink:
    """A one-time link whose token only the mailer can open."""

    sealed_token: str
    issued_at: datetime
    expires_at: datetime | None
    """None where the mail says nothing of an end."""


@dataclass(frozen=True)
class Order:
    """A mail that somebody is to get because of an event."""

    cause_id: str
    template: Template
    locale: str
    account_id: str
    recipient: str
    words: Mapping[str, str]
    wording: Wording | None = None
    happened_at: datetime | None = None
    ends_on: date | None = None
    link: SealedLink | None = None


async def queue_mail(deps: Deps, order: Order, tx: Transaction) -> None:
    """One mail for one cause: it has the cause's id, which no second mail can have."""
    now = deps.now()
    locale = Locale.of(order.locale)
    link = order.link
    mail = Mail(
        id=order.cause_id,
        template=order.template,
        locale=locale,
        recipient=order.recipient,
        created_at=now,
        due_at=now,
        expires_at=link.expires_at if link else None,
        values={**order.words, **dict(_in_language(order, locale))},
    )
    outgoing = Outgoing(
        mail=mail,
        account_id=order.account_id,
        org=order.words["org"],
        request_id=cause().request_id,
        sealed_token=link.sealed_token if link else None,
    )
    await deps.mails.add(outgoing, tx)
    log.info("mail_queued", mail_id=mail.id, template=mail.template)


def _in_language(order: Order, locale: Locale) -> Iterator[tuple[str, str]]:
    if order.wording is not None:
        yield from order.wording(locale).items()
    if order.happened_at is not None:
        yield "happened_at", moment(order.happened_at, locale)
    if order.ends_on is not None:
        yield "ends_on", whole_day(order.ends_on, locale)
    if order.link is not None and order.link.expires_at is not None:
        yield "valid_for", span(order.link.expires_at - order.link.issued_at, locale)
        yield "valid_until", moment(order.link.expires_at, locale)
