"""Which of several media types a client likes best (RFC 9110 §12.5.1)."""

import re
from collections.abc import Sequence
from typing import Final

_RANGE: Final = re.compile(
    r"\s*([\w!#$&^.+*-]+/[\w!#$&^.+*-]+)\s*(?:;(?!\s*q=)[^;,]*)*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*",
    re.ASCII | re.IGNORECASE,
)


def chosen(accept: str | None, offered: Sequence[str]) -> str:
    """The offered type of the highest quality, of equals the first; the first one where none is
    wanted, since an answer in another type says more than a refusal.
    """
    ranges = _ranges(accept or "*/*")
    return max(offered, key=lambda media: _quality(media, ranges))


def _ranges(accept: str) -> dict[str, float]:
    found = (_RANGE.fullmatch(part) for part in accept.split(","))
    return {each[1].lower(): float(each[2] or 1) for each in found if each}


def _quality(media: str, ranges: dict[str, float]) -> float:
    """That of the most specific range that fits."""
    family = media.partition("/")[0]
    fitting = (ranges[each] for each in (media, f"{family}/*", "*/*") if each in ranges)
    return next(fitting, 0.0)
