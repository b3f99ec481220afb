"""Fields as people type them, the same in every service: names, addresses, languages."""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, StringConstraints

Locale: TypeAlias = Literal["de", "en"]

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# The HTML standard's idea of a valid address (its input of type email), with a dot in the domain.
_EMAIL: Final = rf"^[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+$"


def must_be_printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("Control characters and line breaks are not accepted.")
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
