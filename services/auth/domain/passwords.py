"""What a password must be (NIST SP 800-63B-4 §3.1.1): long enough and not obvious, no more.

Obvious is what stands in a list of common and breached passwords, what anybody would try here (the
user name, the tenant, the product), and either of them lightly dressed up: in other case, in
"leet", written twice, or with a year and an exclamation mark around it. What is not made of such
words is never judged by the characters it has.
"""

import re
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from shared.errors import FieldError, InvalidError

ONLY_FACTOR_LENGTH: Final = 15
WITH_SECOND_FACTOR_LENGTH: Final = 8
LONGEST: Final = 256
PRODUCT_WORDS: Final = ("mobile", "security", "portal", "reseller", "cyber", "defense", "defence")
_WORD_AT_LEAST: Final = 3
_PART_AT_LEAST: Final = 4
_ROWS: Final = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "qwertzuiopüasdfghjklöäyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6zhn7ujm8ik9ol0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6z7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_SEQUENCES: Final = _ROWS + tuple(row[::-1] for row in _ROWS)
_LEET: Final = tuple(
    str.maketrans({**dict(zip("03457@$8+(", "oeastasbtc", strict=True)), "1": one, "!": one})
    for one in "il"
)
_DRESSING_AT_MOST: Final = 6
_GAPS: Final = re.compile(r"[\s._\-/,;:|+]+")
_LEFT: Final = re.compile(r"^[\W\d_]+")
_RIGHT: Final = re.compile(r"[\W\d_]+$")


class PasswordError(InvalidError):
    code = "password_not_accepted"
    detail = "This password can't be used."

    def __init__(self, detail: str, flaw: FieldError) -> None:
        super().__init__(detail, fields=[flaw])


@dataclass(frozen=True)
class Owner:
    """What a password is judged by: whose it is to be, and where."""

    has_second_factor: bool
    words: frozenset[str]


def owner_words(*, username: str, org: str, names: Iterable[str] = ()) -> frozenset[str]:
    """The words that anybody would try for this account: every name, and every part of one."""
    names = {normalised(name).casefold() for name in (username, org, *names, *PRODUCT_WORDS)}
    joined = {re.sub(r"[\W_]+", "", name) for name in names}
    whole = {name for name in names | joined if len(name) >= _WORD_AT_LEAST}
    parts = {part for name in names for part in re.split(r"[\W_]+", name)}
    return frozenset(whole | {part for part in parts if len(part) >= _PART_AT_LEAST})


def normalised(password: str) -> str:
    """NFKC, so that one password typed on two keyboards is one password."""
    return unicodedata.normalize("NFKC", password)


def check_password(
    password: str, owner: Owner, common: Container[str], field: str = "new_password"
) -> None:
    """Raise PasswordError, saying why, unless this password may be chosen.

    `common` holds passwords in lower case.
    """
    text = normalised(password)
    least = WITH_SECOND_FACTOR_LENGTH if owner.has_second_factor else ONLY_FACTOR_LENGTH
    if len(text) < least:
        _refuse(field, "password_too_short", f"Use at least {least} characters.")
    if len(text) > LONGEST:
        _refuse(field, "password_too_long", f"Use at most {LONGEST} characters.")
    folded = text.casefold()
    if _is_common(folded, common):
        _refuse(field, "password_too_common", "This password is among those that are tried first.")
    if any(_is_made_of(form, owner.words, common) for form in _forms(folded)):
        _refuse(
            field, "password_too_obvious", "Use something that is not your name, tenant or product."
        )


def _is_common(folded: str, common: Container[str]) -> bool:
    """Whether it, or what is left without its dressing, is on the list or on the keyboard."""
    return any(
        core in common or _is_run(core) or _once(core, common)
        for form in _forms(folded)
        for core in _undressed(form)
    )


def _forms(folded: str) -> set[str]:
    """The password as it stands, out of "leet", and each of them without gaps."""
    forms = {folded, *(folded.translate(table) for table in _LEET)}
    undressed = {core.translate(table) for core in _undressed(folded) for table in _LEET}
    forms |= undressed
    return forms | {_GAPS.sub("", form) for form in forms}


def _undressed(form: str) -> set[str]:
    """It without a few digits and signs on either side, or with many that only count."""
    cores = {form}
    for side in (_LEFT, _RIGHT):
        found = ((core, side.search(core)) for core in cores)
        cores |= {side.sub("", core) for core, it in found if it and _is_dressing(it.group())}
    return cores - {""} or {form}


def _is_dressing(signs: str) -> bool:
    return len(signs) <= _DRESSING_AT_MOST or _is_run(signs)


def _is_run(text: str) -> bool:
    """Whether it is a walk over the keyboard or the alphabet, or the same few signs again."""
    if len(text) < _WORD_AT_LEAST:
        return False
    unit = _unit(text)
    return (len(unit) <= _WORD_AT_LEAST and unit != text) or any(text in row for row in _SEQUENCES)


def _once(text: str, common: Container[str]) -> bool:
    """Whether it is one common word, again and again."""
    unit = _unit(text)
    return unit != text and (unit in common or _is_run(unit))


def _unit(text: str) -> str:
    """The shortest beginning that, repeated, makes the text (the last time maybe cut short)."""
    for length in range(1, len(text) // 2 + 1):
        if text[length:] == text[:-length]:
            return text[:length]
    return text


def _is_made_of(form: str, words: frozenset[str], common: Container[str]) -> bool:
    """Whether so little is left without the words that anybody would try here.

    The words don't count: without them it must still be what a second factor would be enough for.
    """
    rest = form
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, " ")
    if rest == form:
        return False
    left = _GAPS.sub("", rest)
    return len(left) < WITH_SECOND_FACTOR_LENGTH or _is_common(left, common)


def _refuse(field: str, code: str, detail: str) -> None:
    raise PasswordError(detail, FieldError(f"#/body/{field}", code, detail))
