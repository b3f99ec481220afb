"""The mailbox as a folder: one raw `.eml` file a mail, named by an id that sorts by arrival."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from portal.catcher.mailbox import Page
from portal.catcher.mails import Mail, Summary, read
from shared.clock import Clock, utc_now

KEPT: Final = 1_000

# An id is the milliseconds since 1970 and a counter, as 16 hexadecimal digits.
_COUNTER_BITS: Final = 16


class FolderMailBox:
    """Files on the disk, summaries in memory. Which mails were read is forgotten at the end."""

    def __init__(
        self, folder: Path, mails: Iterable[Summary], kept: int = KEPT, clock: Clock = utc_now
    ) -> None:
        self._folder = folder
        self._mails = {mail.id: mail for mail in mails}
        self._kept = kept
        self._clock = clock
        self._read: set[str] = set()
        self._changing = asyncio.Lock()

    @classmethod
    async def open(cls, folder: Path, kept: int = KEPT, clock: Clock = utc_now) -> Self:
        """Find the mails of an earlier run; the folder is made where it is missing."""
        mails = await asyncio.to_thread(_find, folder, kept)
        return cls(folder, mails, kept, clock)

    async def add(self, raw: bytes) -> Summary:
        async with self._changing:
            mail_id = self._next_id()
            summary = await asyncio.to_thread(_keep, self._folder, mail_id, raw)
            self._mails[mail_id] = summary
            await self._forget(list(self._mails)[: -self._kept])
        return summary

    async def newest(self, limit: int, start: int = 0) -> Page:
        newest_first = list(reversed(self._mails.values()))
        return Page(
            mails=newest_first[start : start + limit],
            read_ids=frozenset(self._read),
            total=len(self._mails),
            unread=len(self._mails) - len(self._read),
        )

    async def get(self, mail_id: str) -> Mail | None:
        if mail_id == "latest":
            mail_id = next(reversed(self._mails), "")
        if mail_id not in self._mails:
            return None
        mail = await asyncio.to_thread(_load, self._folder, mail_id)
        if mail is not None and mail_id in self._mails:
            self._read.add(mail_id)
        return mail

    async def clear(self, ids: Collection[str] = ()) -> None:
        async with self._changing:
            await self._forget(
                [mail_id for mail_id in ids or self._mails if mail_id in self._mails]
            )

    async def _forget(self, ids: Collection[str]) -> None:
        for mail_id in ids:
            self._mails.pop(mail_id, None)
            self._read.discard(mail_id)
        if ids:
            await asyncio.to_thread(_remove, self._folder, ids)

    def _next_id(self) -> str:
        """Later than every id there is, even where the clock was set back."""
        by_clock = int(self._clock().timestamp() * 1000) << _COUNTER_BITS
        newest = int(next(reversed(self._mails), "0"), 16)
        return f"{max(by_clock, newest + 1):016x}"


def _path(folder: Path, mail_id: str) -> Path:
    return folder / f"{mail_id}.eml"


def _created_at(mail_id: str) -> datetime:
    return datetime.fromtimestamp((int(mail_id, 16) >> _COUNTER_BITS) / 1000, UTC)


def _find(folder: Path, kept: int) -> list[Summary]:
    folder.mkdir(parents=True, exist_ok=True)
    for unfinished in folder.glob("*.part"):
        unfinished.unlink(missing_ok=True)
    ids = sorted(path.stem for path in folder.glob("[0-9a-f]" * 16 + ".eml"))
    _remove(folder, ids[:-kept])
    mails = (_load(folder, mail_id) for mail_id in ids[-kept:])
    return [mail.summary for mail in mails if mail is not None]


def _keep(folder: Path, mail_id: str, raw: bytes) -> Summary:
    unfinished = folder / f"{mail_id}.part"
    unfinished.write_bytes(raw)
    unfinished.replace(_path(folder, mail_id))
    return read(mail_id, raw, _created_at(mail_id)).summary


def _load(folder: Path, mail_id: str) -> Mail | None:
    try:
        raw = _path(folder, mail_id).read_bytes()
    except FileNotFoundError:
        return None
    return read(mail_id, raw, _created_at(mail_id))


def _remove(folder: Path, ids: Iterable[str]) -> None:
    for mail_id in ids:
        _path(folder, mail_id).unlink(missing_ok=True)
