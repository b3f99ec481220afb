"""Users as a CSV file (RFC 4180): what one looks like, and how it is read with nothing guessed."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from services.auth.domain.accounts import Account
from shared.cells import guarded, unguarded
from shared.errors import FieldError, InvalidError

COLUMNS: Final = ("username", "firstname", "lastname", "email", "comment", "roles")
_REQUIRED: Final = frozenset({"username", "email"})
ROWS_AT_MOST: Final = 500
_BETWEEN_ROLES: Final = re.compile(r"[\s,;|]+")


class CsvError(InvalidError):
    """The file as a whole can't be read; nothing of it was taken over."""

    code = "csv_malformed"
    detail = "This is no CSV file of users; nothing was taken over."

    def __init__(self, detail: str) -> None:
        super().__init__(fields=[FieldError("#/body/csv", self.code, detail)])


@dataclass(frozen=True)
class Row:
    """A line of the file, as text."""

    line: int
    username: str
    display_name: str
    email: str
    comment: str
    roles: tuple[str, ...]


def read_csv(text: str) -> list[Row]:
    """All rows; CsvError, saying where, unless all of them have the header's columns.

    The header is required, the order of its columns is free, and `;` may stand for `,`.
    """
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    lines = _lines(text, ";" if ";" in first and "," not in first else ",")
    _, names = next(lines, (0, []))
    columns = _columns(names)
    rows = []
    for line, cells in lines:
        if len(cells) != len(columns):
            raise CsvError(f"Line {line} has {len(cells)} cells, the header has {len(columns)}.")
        rows.append(_row(line, dict(zip(columns, map(unguarded, cells), strict=True))))
        if len(rows) > ROWS_AT_MOST:
            raise CsvError(f"A file may have {ROWS_AT_MOST} users; split it.")
    return rows


def write_csv(accounts: Iterable[Account]) -> str:
    """The rows of these accounts, without the header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for account in accounts:
        first, _, last = account.display_name.rpartition(" ")
        cells = (
            account.username,
            first or last,
            last if first else "",
            account.email,
            account.comment,
            ",".join(account.roles),
        )
        writer.writerow(map(guarded, cells))
    return out.getvalue()


def header() -> str:
    return ",".join(f'"{name}"' for name in COLUMNS) + "\r\n"


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, with the number that an editor shows for its start."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CsvError(f"Line {line} can't be read: {error}.") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(names: list[str]) -> list[str]:
    columns = [name.strip().lower() for name in names]
    known = ", ".join(COLUMNS)
    if not set(columns) <= set(COLUMNS):
        raise CsvError(f"The header may have these columns and no others: {known}.")
    if len(set(columns)) < len(columns):
        raise CsvError("The header names a column twice.")
    if not set(columns) >= _REQUIRED:
        raise CsvError("The header must have the columns username and email.")
    return columns


def _row(line: int, cells: dict[str, str]) -> Row:
    username = cells["username"].strip()
    names = (cells.get("firstname", "").strip(), cells.get("lastname", "").strip())
    roles = _BETWEEN_ROLES.split(cells.get("roles", "").strip())
    return Row(
        line=line,
        username=username,
        display_name=" ".join(filter(None, names)) or username,
        email=cells["email"].strip(),
        comment=cells.get("comment", "").strip(),
        roles=tuple(filter(None, roles)),
    )
