"""What a password must be (NIST SP 800-63B-4 §3.1.1): long enough and not obvious, no more."""

import unicodedata
from typing import Final

from shared.errors import FieldError, InvalidError

ONLY_FACTOR_LENGTH: Final = 15
WITH_SECOND_FACTOR_LENGTH: Final = 8
LONGEST: Final = 256
_CONTEXT: Final = ("mobile security", "mobilesecurity", "portal")


class PasswordError(InvalidError):
    code = "password_not_accepted"
    detail = "This password can't be used."


def normalised(password: str) -> str:
    """NFKC, so that one password typed on two keyboards is one password."""
    return unicodedata.normalize("NFKC", password)


def check_password(
    password: str, *, has_second_factor: bool, username: str, org: str, field: str = "new_password"
) -> None:
    """Raise PasswordError, saying why, unless this password may be chosen."""
    text = normalised(password)
    least = WITH_SECOND_FACTOR_LENGTH if has_second_factor else ONLY_FACTOR_LENGTH
    if len(text) < least:
        _refuse(field, "password_too_short", f"Use at least {least} characters.")
    if len(text) > LONGEST:
        _refuse(field, "password_too_long", f"Use at most {LONGEST} characters.")
    if _is_only(text, username, org):
        _refuse(
            field, "password_too_obvious", "Use something that is not your name, tenant or product."
        )


def _is_only(text: str, username: str, org: str) -> bool:
    """Whether the password is nothing but words that anybody would try here, or one character."""
    rest = text.casefold()
    for word in sorted({username.casefold(), org, org.partition(".")[0], *_CONTEXT}, key=len)[::-1]:
        rest = rest.replace(word, "") if word else rest
    return len(set(rest.strip(" 0123456789-_.!"))) <= 1


def _refuse(field: str, code: str, detail: str) -> None:
    raise PasswordError(detail, fields=[FieldError(f"#/body/{field}", code, detail)])
