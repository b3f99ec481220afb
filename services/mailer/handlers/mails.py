"""The log of mails, for the vendor's people who are asked where a mail is."""

from datetime import datetime
from typing import Annotated, TypeAlias

from pydantic import StringConstraints

from services.mailer.actions.mail_log import list_mails, read_mail
from services.mailer.deps import Deps
from services.mailer.domain.mail_log import LogFilter, Logged
from services.mailer.domain.mails import MailState, Reason
from services.mailer.domain.templates import Locale, Template
from shared.fields import TypedEmail
from shared.ids import TypedOrg
from shared.models import Model, Nothing
from shared.newest import newest_cursor, newest_position
from shared.paging import PageQuery, cut
from shared.routing import Call, Reply

_Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class MailsQuery(PageQuery):
    org: TypedOrg | None = None
    """The organisation of the recipient."""
    request_id: _Id | None = None
    """The request that caused the mail."""
    account_id: _Id | None = None
    address: TypedEmail | None = None
    state: MailState | None = None
    template: Template | None = None


class StepView(Model):
    """What became of the mail at one time, and the relay's answer where there was one."""

    at: datetime
    state: MailState
    reason: Reason | None
    smtp_code: int | None
    answer: str | None


class MailView(Model):
    id: str
    template: Template
    locale: Locale
    org: str
    account_id: str
    recipient: str
    request_id: str
    state: MailState
    reason: Reason | None
    attempts: int
    smtp_code: int | None
    answer: str | None
    created_at: datetime
    due_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None


class MailDetailsView(MailView):
    history: list[StepView]


class MailsView(Model):
    items: list[MailView]
    next_cursor: str | None


async def list_newest(call: Call[Deps, Nothing, MailsQuery]) -> Reply[MailsView]:
    """List mails, newest first: by recipient, by account, or by the request that caused them."""
    query = call.query
    which = LogFilter(
        org=query.org,
        request_id=query.request_id,
        account_id=query.account_id,
        address=query.address,
        state=query.state,
        template=query.template,
        after=newest_position(query.cursor),
    )
    found = await list_mails(call.deps, which, query.limit)
    page = cut(found, query.limit, lambda last: newest_cursor(last.mail.created_at, last.mail.id))
    return Reply(MailsView(items=list(map(_view, page.items)), next_cursor=page.next_cursor))


async def read(call: Call[Deps, Nothing, Nothing]) -> Reply[MailDetailsView]:
    """Read what became of a mail, step by step, without its text or link."""
    logged = await read_mail(call.deps, call.path["id"])
    history = [
        StepView(
            at=step.at,
            state=step.state,
            reason=step.reason,
            smtp_code=step.smtp_code,
            answer=step.answer,
        )
        for step in logged.history
    ]
    return Reply(MailDetailsView(**_view(logged).model_dump(), history=history))


def _view(logged: Logged) -> MailView:
    mail = logged.mail
    return MailView(
        id=mail.id,
        template=mail.template,
        locale=mail.locale,
        org=logged.org,
        account_id=logged.account_id,
        recipient=mail.recipient,
        request_id=logged.request_id,
        state=mail.state,
        reason=mail.reason,
        attempts=mail.attempts,
        smtp_code=mail.smtp_code,
        answer=mail.answer,
        created_at=mail.created_at,
        due_at=mail.due_at,
        expires_at=mail.expires_at,
        sent_at=mail.sent_at,
    )
