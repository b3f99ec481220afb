"""Reading the log of mails: who got which, and why somebody did not."""

from services.mailer.deps import Deps
from services.mailer.domain.mail_log import LogFilter, Logged
from shared.errors import NotFoundError


async def list_mails(deps: Deps, which: LogFilter, limit: int) -> list[Logged]:
    """A page of mails, newest first, and one more than asked for where there are more."""
    return await deps.mails.page(which, limit + 1)


async def read_mail(deps: Deps, mail_id: str) -> Logged:
    found = await deps.mails.find(mail_id)
    if found is None:
        raise NotFoundError
    return found
