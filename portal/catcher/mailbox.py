"""What the catcher keeps its mails in, and what it asks of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from portal.catcher.mails import Mail, Summary


@dataclass(frozen=True)
class Page:
    """Some mails, newest first, out of `total`; `unread` counts all that nobody has opened."""

    mails: Sequence[Summary]
    read_ids: frozenset[str]
    total: int
    unread: int


class MailBox(Protocol):
    """Keeps the newest mails; the oldest go where there are too many."""

    async def add(self, raw: bytes) -> Summary:
        """Keep a mail; when this returns, it survives the end of the process."""

    async def newest(self, limit: int, start: int = 0) -> Page:
        """The mails from the `start`-th newest on, at most `limit` of them."""

    async def get(self, mail_id: str) -> Mail | None:
        """One mail in full, which counts as read from now on; `latest` is the newest."""

    async def clear(self, ids: Collection[str] = ()) -> None:
        """Forget these mails, or all of them where none is named."""
