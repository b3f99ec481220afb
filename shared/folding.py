"""How names are found and sorted: neither case nor accents nor width of letters matter."""

import unicodedata
from typing import Any, Final

_LAST: Final = "\U0010ffff"
"""No text that starts with a prefix sorts after the prefix and this, so a range needs no regex."""


def folded(text: str) -> str:
    """What names are found and sorted by: neither case nor accents nor width matter."""
    parts = unicodedata.normalize("NFKD", text.strip()).casefold()
    return "".join(each for each in parts if not unicodedata.combining(each))


def starts_with(field: str, prefix: str) -> dict[str, Any]:
    """As a query: the field begins with this; an index serves it."""
    return {field: {"$gte": prefix, "$lt": prefix + _LAST}}
