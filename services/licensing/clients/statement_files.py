"""Writes a statement as JSON, CSV and XLSX and signs each; the same one gives the same bytes."""

import asyncio
import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import date, datetime, time
from typing import Final, TypeAlias

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.licensing.clients.document_signer import DocumentSigner
from services.licensing.domain.months import first_day
from services.licensing.domain.statements import Filed, FileKind, Line, SignedFile, Statement
from shared.cells import guarded

TYPE: Final = "portal-statement"
"""A type of its own, so that a statement is taken for nothing else (RFC 8725 §3.11)."""
COLUMNS: Final = tuple(each.name for each in fields(Line))
Cell: TypeAlias = str | int | date | None


class StatementFiles:
    def __init__(self, signer: DocumentSigner) -> None:
        self._signer = signer

    async def filed(self, statement: Statement) -> Filed:
        """In a thread, since thousands of lines take a while."""
        return await asyncio.to_thread(self._filed, statement)

    def _filed(self, statement: Statement) -> Filed:
        written = {kind: write(statement) for kind, write in _WRITERS.items()}
        signed = {
            kind: SignedFile(body, self._signer.detached(TYPE, body))
            for kind, body in written.items()
        }
        return Filed(statement.made, signed)


def _json(statement: Statement) -> bytes:
    document = {
        "reseller_id": statement.reseller_id,
        "reseller": statement.reseller,
        "month": statement.month,
        "made_at": statement.made_at.isoformat(),
        "chargeable_units": statement.chargeable_units,
        "lines": [asdict(line) for line in statement.lines],
    }
    return json.dumps(
        document, default=date.isoformat, ensure_ascii=False, separators=(",", ":")
    ).encode()


def _csv(statement: Statement) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([guarded(_text(cell)) for cell in _cells(line)] for line in statement.lines)
    return out.getvalue().encode()


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _xlsx(statement: Statement) -> bytes:
    """Texts stay texts, whatever they begin with; nothing in the file tells when it was written."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.combine(first_day(statement.month), time())})
        day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
        sheet = book.add_worksheet(statement.month)
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, bold)
        for row, line in enumerate(statement.lines, start=1):
            for column, cell in enumerate(_cells(line)):
                _write(sheet, row, column, cell, day)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(statement.lines), len(COLUMNS) - 1)
        sheet.autofit()
    return out.getvalue()


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, day: Format) -> None:
    match cell:
        case None:
            return
        case date():
            sheet.write_datetime(row, column, datetime.combine(cell, time()), day)
        case int():
            sheet.write_number(row, column, cell)
        case str():
            sheet.write_string(row, column, cell)


def _cells(line: Line) -> list[Cell]:
    return [getattr(line, name) for name in COLUMNS]


_WRITERS: Final[Mapping[FileKind, Callable[[Statement], bytes]]] = {
    FileKind.JSON: _json,
    FileKind.CSV: _csv,
    FileKind.XLSX: _xlsx,
}
