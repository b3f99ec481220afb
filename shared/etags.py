"""Entity tags: a resource's version, said as ETag and asked for as If-Match (RFC 9110 §13.1.1).

A tag is the version of what can be edited. An answer may hold more (when somebody last signed in,
what a licence is today), so it is no proof that nothing else has changed: `If-None-Match` is not
answered with 304, and no answer is stored on its way.
"""

import re
from typing import Final

from shared.errors import PreconditionError, PreconditionMissingError

IF_MATCH: Final = "If-Match"
_STRONG: Final = re.compile(r'"([0-9]{1,18})"')
_OPAQUE: Final = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_SEVERAL: Final = re.compile(rf"{_OPAQUE}(?:\s*,\s*{_OPAQUE})+")


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def expected_version(if_match: str | None) -> int:
    """The version that the caller read; without one nobody may change anything.

    PreconditionMissingError (428) where it doesn't say which: no header, `*`, or several tags.
    PreconditionError (412) where it can be none of ours; a weak tag never matches (§8.8.3.2).
    """
    given = (if_match or "").strip()
    if given in {"", "*"} or _SEVERAL.fullmatch(given):
        raise PreconditionMissingError
    found = _STRONG.fullmatch(given)
    if found is None:
        raise PreconditionError
    return int(found.group(1))
