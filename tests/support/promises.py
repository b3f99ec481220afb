"""What schemathesis asks besides: loaded by its command through SCHEMATHESIS_HOOKS."""

import re
from typing import Any, Final, get_args

import schemathesis
from pydantic_core.core_schema import ErrorType

_OF_THE_FORM: Final = {"malformed_body", "malformed_form"}
_REFUSED: Final = {400, 422}
_KINDS: Final = set(get_args(ErrorType)) - {"value_error"}
"""Flaws that JSON Schema has words for; `value_error` is a rule of our own."""


_OF_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d|\d (?:day|hour|minute|second)s?")


@schemathesis.check
def takes_what_the_schema_allows(_: Any, response: Any, case: Any) -> bool | None:
    """A request as the schema has it may be refused by a rule of the domain, not for its form."""
    meta = case.meta
    is_meant_to_fit = meta is not None and meta.generation.mode.is_positive
    if not is_meant_to_fit or response.status_code not in _REFUSED:
        return None
    said = response.json()
    forms = [flaw for flaw in said.get("errors", ()) if _is_of_the_form(flaw)]
    is_of_the_form = said.get("code") in _OF_THE_FORM or (said.get("code") == "invalid" and forms)
    assert not is_of_the_form, f"The schema allows what is refused: {said}"
    return None


def _is_of_the_form(flaw: dict[str, str]) -> bool:
    """JSON Schema has no words for how long a duration or how early an instant may be."""
    is_bound = flaw["code"] in {"greater_than_equal", "less_than_equal"}
    return flaw["code"] in _KINDS and not (is_bound and _OF_TIME.search(flaw["detail"]))
