"""A line of a CSV file that spreadsheets open without running anything in it."""

import csv
import io
from collections.abc import Iterable
from typing import Final

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""https://owasp.org/www-community/attacks/CSV_Injection"""


def csv_line(cells: Iterable[object]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(map(_cell, cells))
    return out.getvalue()


def _cell(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = "" if value is None else text
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
