"""A mail as the log shows it, and what one can ask the log for."""

from dataclasses import dataclass
from datetime import datetime

from services.mailer.domain.mails import Mail, MailState, Reason
from services.mailer.domain.templates import Template
from shared.newest import Position


@dataclass(frozen=True)
class Step:
    """Something that became of a mail, and what was said then."""

    at: datetime
    state: MailState
    reason: Reason | None
    smtp_code: int | None
    answer: str | None


@dataclass(frozen=True)
class Logged:
    """A mail as the log shows it: without its link."""

    mail: Mail
    account_id: str
    org: str
    request_id: str
    history: tuple[Step, ...]


@dataclass(frozen=True)
class LogFilter:
    """Which mails of the log; all that is given must be true of them."""

    org: str | None = None
    request_id: str | None = None
    account_id: str | None = None
    address: str | None = None
    state: MailState | None = None
    template: Template | None = None
    after: Position | None = None
