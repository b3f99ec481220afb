"""Refusals compared with each other: how they look and what they cost."""

from collections import Counter
from typing import Any, Final

import pytest

from services.auth.clients.hasher import Hasher
from shared.mongo.collection import Collection
from tests.support.service import Answer

_SWEPT: Final = {"outbox", "sessions", "retries", "inbox", "factor_resets"}
"""What is looked through every now and then, whoever asks for what."""


def shape(answer: Answer) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer but the id of its request and the date."""
    request_id = answer.headers["X-Request-Id"]
    body = {name: str(value).replace(request_id, "") for name, value in answer.body.items()}
    changing = {"date", "x-request-id"}
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return answer.status, body, {name: headers[name] for name in headers.keys() - changing}


class Work:
    """Counts what the service asks of the hasher and of its store, jobs left aside."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.done: Counter[str] = Counter()
        for kind, name in [
            (Hasher, "verify"),
            (Hasher, "hash"),
            *((Collection, name) for name in ("find_one", "find", "count")),
            *((Collection, name) for name in ("insert", "update", "update_many", "replace")),
            *((Collection, name) for name in ("claim", "delete_many")),
        ]:
            self._count(patch, kind, name)

    def _count(self, patch: pytest.MonkeyPatch, kind: type[Any], name: str) -> None:
        real = getattr(kind, name)

        async def counted(subject: Any, *given: Any, **more: Any) -> Any:
            place = getattr(getattr(subject, "_driver", None), "name", "hasher")
            if place not in _SWEPT:
                self.done[f"{place}.{name}"] += 1
            return await real(subject, *given, **more)

        patch.setattr(kind, name, counted)
