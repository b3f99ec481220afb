"""The folder keeps the newest mails in the order of arrival, over crashes and clock steps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.catcher.folder import FolderMailBox
from tests.support.service import FixedClock


async def subjects(box: FolderMailBox) -> list[str]:
    return [mail.subject for mail in (await box.newest(100)).mails]


def count_of_files(folder: Path) -> int:
    return len(list(folder.iterdir()))


def a_raw_mail(subject: str) -> bytes:
    return f"Subject: {subject}\r\n\r\nHello".encode()


async def test_mails_that_come_in_one_instant_keep_their_order(tmp_path: Path) -> None:
    box = await FolderMailBox.open(tmp_path, clock=FixedClock())

    added = [await box.add(a_raw_mail(subject)) for subject in "abc"]

    reopened = await FolderMailBox.open(tmp_path)
    assert await subjects(box) == await subjects(reopened) == ["c", "b", "a"]
    assert [mail.id for mail in added] == sorted(mail.id for mail in added)


async def test_a_clock_that_is_set_back_changes_no_order(tmp_path: Path) -> None:
    clock = FixedClock()
    box = await FolderMailBox.open(tmp_path, clock=clock)

    await box.add(a_raw_mail("earlier"))
    clock.advance(timedelta(days=-1))
    await box.add(a_raw_mail("later"))

    assert await subjects(box) == ["later", "earlier"]


async def test_a_mail_knows_when_it_came(tmp_path: Path) -> None:
    instant = datetime(2026, 3, 10, 12, 0, 0, 123_000, tzinfo=UTC)
    box = await FolderMailBox.open(tmp_path, clock=FixedClock(instant))

    mail = await box.add(a_raw_mail("a"))

    assert mail.created_at == instant


async def test_the_oldest_mails_make_room(tmp_path: Path) -> None:
    box = await FolderMailBox.open(tmp_path, kept=2)

    for subject in "abc":
        await box.add(a_raw_mail(subject))

    assert await subjects(box) == ["c", "b"]
    assert count_of_files(tmp_path) == 2


async def test_a_smaller_mailbox_makes_room_as_it_opens(tmp_path: Path) -> None:
    box = await FolderMailBox.open(tmp_path)
    for subject in "abc":
        await box.add(a_raw_mail(subject))

    smaller = await FolderMailBox.open(tmp_path, kept=1)

    assert await subjects(smaller) == ["c"]
    assert count_of_files(tmp_path) == 1


async def test_half_a_file_left_by_a_crash_is_no_mail(tmp_path: Path) -> None:
    unfinished = tmp_path / "0000000000000001.part"
    unfinished.write_bytes(b"Subject: ha")
    foreign = tmp_path / "notes.eml"
    foreign.write_bytes(b"Subject: mine")

    box = await FolderMailBox.open(tmp_path)

    assert await subjects(box) == []
    assert not unfinished.exists()
    assert foreign.exists()


async def test_a_file_that_somebody_removed_is_no_longer_found(tmp_path: Path) -> None:
    box = await FolderMailBox.open(tmp_path)
    mail = await box.add(a_raw_mail("a"))

    (tmp_path / f"{mail.id}.eml").unlink()

    assert await box.get(mail.id) is None


@pytest.mark.parametrize("mail_id", ["", "latest", "../secret", "0" * 16])
async def test_an_empty_mailbox_has_no_mail_by_any_name(tmp_path: Path, mail_id: str) -> None:
    box = await FolderMailBox.open(tmp_path / "new" / "folder")

    assert await box.get(mail_id) is None
