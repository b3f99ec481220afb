"""A mail on its way: its states, how long it waits after a failure and when it is given up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from services.mailer.domain.templates import Locale, Template

WAITS: Final = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)
"""How long to wait after the first, second, … failure; after that the last one again and again."""

PATIENCE: Final = timedelta(hours=48)
"""How long after its making a mail that nobody takes is still tried (RFC 5321 §4.5.4.1)."""


class MailState(StrEnum):
    """queued → sending → sent; sending → deferred → sending; sending → failed or suppressed."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    """Not sent, because the address is known to take no mail."""


class Reason(StrEnum):
    """Why a mail was not delivered, or not yet."""

    UNREACHABLE = "unreachable"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED = "refused"
    EXPIRED = "expired"
    GIVEN_UP = "given_up"
    UNWRITABLE = "unwritable"
    SUPPRESSED = "suppressed"
    BOUNCED = "bounced"
    """Taken by the relay, and then refused by the server of the recipient."""


class MailStateError(Exception):
    """A mail was asked to do what its state does not allow."""


@dataclass(frozen=True)
class Mail:
    """One mail to one recipient. Its id also makes its Message-ID, the same at every attempt."""

    id: str
    template: Template
    locale: Locale
    recipient: str
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None = None
    """After this its content is worthless, such as a link that no longer works."""
    values: Mapping[str, str] = field(default_factory=dict)
    state: MailState = MailState.QUEUED
    attempts: int = 0
    reason: Reason | None = None
    smtp_code: int | None = None
    """The answer to the last attempt; None where there was none."""
    answer: str | None = None
    """What was said with the code, or whatever else tells why."""
    sent_at: datetime | None = None


def mail_id(cause_id: str, account_id: str) -> str:
    """The id of the one mail that this account gets for a cause which others get a mail for too."""
    return sha256(f"{cause_id}/{account_id}".encode()).hexdigest()[:32]


def is_due(mail: Mail, now: datetime) -> bool:
    return mail.state in {MailState.QUEUED, MailState.DEFERRED} and mail.due_at <= now


def is_worth_sending(mail: Mail, now: datetime) -> bool:
    """Whether its content still means something to the recipient."""
    return mail.expires_at is None or now < mail.expires_at


def begin(mail: Mail, now: datetime) -> Mail:
    """Start an attempt; a mail whose content has expired fails instead."""
    if not is_due(mail, now):
        raise MailStateError(f"A mail that is {mail.state} and due at {mail.due_at} can't be sent.")
    if not is_worth_sending(mail, now):
        return _failed(mail, Reason.EXPIRED)
    return replace(mail, state=MailState.SENDING, attempts=mail.attempts + 1)


def after_success(mail: Mail, smtp_code: int, answer: str, now: datetime) -> Mail:
    """The server has taken it."""
    _must_be_sending(mail)
    done = replace(mail, state=MailState.SENT, smtp_code=smtp_code, answer=answer)
    return replace(done, reason=None, sent_at=now)


def after_failure(mail: Mail, smtp_code: int | None, answer: str | None, now: datetime) -> Mail:
    """The server has refused it with this code, or there was no answer (None).

    A refusal for good (5xx) ends it. Anything else is tried again later, unless the mail would
    then have expired or be older than `PATIENCE`. An attempt that was broken off counts as one
    without answer: the same Message-ID lets the recipient's server know a second copy.
    """
    _must_be_sending(mail)
    mail = replace(mail, smtp_code=smtp_code, answer=answer)
    if smtp_code is not None and smtp_code >= 500:  # noqa: PLR2004 RFC 5321 §4.2.1
        return _failed(mail, Reason.REFUSED)
    due_at = now + WAITS[min(mail.attempts, len(WAITS)) - 1]
    if not is_worth_sending(mail, due_at):
        return _failed(mail, Reason.EXPIRED)
    if due_at > mail.created_at + PATIENCE:
        return _failed(mail, Reason.GIVEN_UP)
    reason = Reason.UNREACHABLE if smtp_code is None else Reason.REFUSED_FOR_NOW
    return replace(mail, state=MailState.DEFERRED, due_at=due_at, reason=reason)


def unwritable(mail: Mail) -> Mail:
    """Its values or its address make no mail, now or later."""
    _must_be_sending(mail)
    return _failed(mail, Reason.UNWRITABLE)


def suppressed(mail: Mail) -> Mail:
    """Its address takes no mail, as was learnt before."""
    _must_be_sending(mail)
    return replace(mail, state=MailState.SUPPRESSED, reason=Reason.SUPPRESSED)


def bounced(mail: Mail, answer: str) -> Mail:
    """What was taken was refused later; whatever else is known of it is known no better."""
    if mail.state is not MailState.SENT:
        raise MailStateError(f"A mail that is {mail.state} can't have bounced.")
    return replace(_failed(mail, Reason.BOUNCED), answer=answer)


def _must_be_sending(mail: Mail) -> None:
    if mail.state is not MailState.SENDING:
        raise MailStateError(f"A mail that is {mail.state} has no attempt to end.")


def _failed(mail: Mail, reason: Reason) -> Mail:
    return replace(mail, state=MailState.FAILED, reason=reason)
