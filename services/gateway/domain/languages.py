"""Which of the languages that the portal speaks a reader prefers."""

from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["de", "en"]
DEFAULT: Final[Language] = "en"


def preferred(accept_language: str) -> Language:
    """The reader's language by the `Accept-Language` header (RFC 9110 §12.5.4), else English."""
    best: Language = DEFAULT
    most = 0.0
    for choice in accept_language.split(","):
        tag, _, parameter = choice.partition(";")
        language, weight = tag.strip().lower().partition("-")[0], _weight(parameter)
        if weight <= most:
            continue
        if language in {"de", "en"}:
            best, most = ("de" if language == "de" else "en"), weight
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(float(value), 1.0) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
