"""Bodies in application/x-www-form-urlencoded, read strictly (RFC 6749 §3.2 and appendix B)."""

from typing import Final
from urllib.parse import parse_qsl

MOST_FIELDS: Final = 32


class FormError(Exception):
    """The body is no form, or a name comes twice in it."""


def parse_form(raw: bytes) -> dict[str, str]:
    """The names and values of a form; an empty value is an absent one.

    Raises FormError where the text is not UTF-8, where a pair has no `=`, where there are more
    than 32 of them, or where a name comes twice.
    """
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise FormError from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FormError
    return {name: value for name, value in found.items() if value}
