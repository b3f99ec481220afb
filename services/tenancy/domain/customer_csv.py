"""A line of a CSV file that spreadsheets open without running anything in it."""

import csv
import io
from collections.abc import Iterable

from shared.cells import guarded


def csv_line(cells: Iterable[object]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(guarded(_text(cell)) for cell in cells)
    return out.getvalue()


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
