"""Requests that may be sent again: what an Idempotency-Key stands for.

`draft-ietf-httpapi-idempotency-key-header`: one request is carried out once per key, and who sends
it again hears the same answer.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from shared.errors import ConflictError, FieldError, InvalidError

HEADER: Final = "Idempotency-Key"
_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyKeyReusedError(InvalidError):
    code = "idempotency_key_reused"
    pointer = "#/header/Idempotency-Key"
    detail = "This Idempotency-Key was used for another request. Take a new one."


class RequestRunningError(ConflictError):
    code = "request_running"
    detail = "The same request is being carried out just now. Ask again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=1)


class ShownOnceError(ConflictError):
    """A request whose answer held a secret is sent again: nothing is made or shown twice."""

    code = "answer_shown_before"
    detail = "This request was carried out, and what it made is shown only once."


Keyed: TypeAlias = bool | type[ConflictError]
"""Whether a route takes an Idempotency-Key; where its answer must not be kept, the error that a
repetition hears.
"""


@dataclass(frozen=True)
class Mark:
    """A request under its key: what it is known by, and what tells it from another one."""

    id: str
    fingerprint: str


def mark_of(key: str, *, caller: str, place: str, operation: str, request: bytes) -> Mark:
    """The mark of a request; InvalidError where the key is none.

    A key is the caller's own, for one operation in one place: nobody meets another's answers.
    """
    if not _VISIBLE.fullmatch(key):
        detail = "Send 1 to 255 visible ASCII characters."
        raise InvalidError(fields=[FieldError(f"#/header/{HEADER}", "pattern", detail)])
    scope = f"{caller}\n{place}\n{operation}\n{key}"
    return Mark(_digest(scope.encode()), _digest(request))


def _digest(of: bytes) -> str:
    return hashlib.sha256(of).hexdigest()
