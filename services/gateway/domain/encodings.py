"""Whether a reader takes an answer in gzip (RFC 9110 §12.5.3)."""

import re
from typing import Final

_CODING: Final = re.compile(
    r"\s*([\w*.+-]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.ASCII
)


def takes_gzip(accept_encoding: str) -> bool:
    """Who says nothing gets it as it is, though anything would be allowed then."""
    codings = (_CODING.fullmatch(each) for each in accept_encoding.split(","))
    weights = {each[1].lower(): float(each[2] or 1) for each in codings if each}
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
