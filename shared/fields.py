"""Fields as people type them, the same in every service: names, addresses, languages."""

import re
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, StringConstraints

Locale: TypeAlias = Literal["de", "en"]

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# The HTML standard's idea of a valid address (its input of type email), with a dot in the domain.
_EMAIL: Final = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+$"
_INVISIBLE: Final = re.compile(
    r" {2}|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    r"\U000e0100-\U000e01ef]"
)
"""What Python takes for printable although nothing is seen of it: fillers, blanks, selectors
(Unicode's `Default_Ignorable_Code_Point`, and the empty pattern of Braille).
"""


def must_be_printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("Control characters and line breaks are not accepted.")
    return value


def must_be_plain(value: str) -> str:
    """A user name says who somebody is, so it looks like no other: nothing of it is invisible."""
    if _INVISIBLE.search(value):
        raise ValueError("Invisible characters and several spaces in a row are not accepted.")
    return value


TypedName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(must_be_printable),
]
"""The name of a person or a company."""

TypedUsername = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(must_be_printable),
    AfterValidator(must_be_plain),
]

TypedEmail = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=_EMAIL)
]

TypedReason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(must_be_printable),
]
"""Why something is done, in one line that whoever it is done to may read."""

TypedDomain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=253, pattern=rf"^{_LABEL}(?:\.{_LABEL})+$"
    ),
]
"""A domain of e-mail addresses, in ASCII."""

TypedComment = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500),
    AfterValidator(must_be_printable),
]
"""A remark of one line; it may be empty."""
