"""Doing without the mails that nobody needs to get."""

import structlog

from services.mailer.deps import Deps
from shared.errors import DomainError

log = structlog.get_logger()


class UnsubscribeLinkError(DomainError):
    code = "unsubscribe_link_invalid"
    detail = "This link is not valid."


async def unsubscribe(deps: Deps, token: str) -> None:
    """Never again an optional mail to the reader that the token was made for."""
    reader = deps.vault.unsubscribing(token)
    if reader is None:
        raise UnsubscribeLinkError
    await deps.contacts.unsubscribe(reader)
    log.info("unsubscribed")
