"""Requests that may be sent again: the Idempotency-Key and what it was first used for."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.errors import FieldError, InvalidError

_VISIBLE: Final = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyKeyReusedError(InvalidError):
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used for another request. Take a new one."


@dataclass(frozen=True)
class Repetition:
    """How the caller marked the request, so that sending it again makes nothing again."""

    key: str
    fingerprint: str
    """The same for the same request, so that a repetition can be told from another one."""


def idempotency_key(header: str | None) -> str | None:
    """The key as it was sent; InvalidError where it is none."""
    if header is not None and not _VISIBLE.fullmatch(header):
        detail = "Send 1 to 255 visible ASCII characters."
        raise InvalidError(fields=[FieldError("#/header/Idempotency-Key", "pattern", detail)])
    return header


def fingerprint(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
