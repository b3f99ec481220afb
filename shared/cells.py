"""Cells of CSV files that are harmless in a spreadsheet (CWE-1236).

A cell that would be taken for a formula is written with an apostrophe before it, and the apostrophe
is taken off again when the file is read.
"""

import re
from typing import Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
