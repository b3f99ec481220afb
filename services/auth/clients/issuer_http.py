"""One question to the Reseller Portal over HTTP, and how its failures are told apart."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import structlog

from shared.errors import UnavailableError
from shared.http_client import open_http_client

log = structlog.get_logger()
ANSWER_LIMIT: Final = 256 * 1024
CALL_SECONDS: Final = 3.0


class IssuerAwayError(UnavailableError):
    code = "reseller_portal_unavailable"
    detail = "The Reseller Portal can't be reached just now. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after_seconds=5)


class AnswerError(Exception):
    """What the issuer sent is not to be believed, or says that it refuses; the text says why."""


async def ask(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """A JSON object; AnswerError where a request of ours is refused, else IssuerAwayError."""
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS, sock_connect=1)
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    try:
        async with (
            open_http_client() as http,
            http.request(
                method, url, headers=sent, allow_redirects=False, timeout=timeout, **more
            ) as response,
        ):
            raw = bytearray()
            async for chunk in response.content.iter_chunked(16 * 1024):
                raw += chunk
                if len(raw) > ANSWER_LIMIT:
                    raise away("size")
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise away(type(error).__name__) from error
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise away("no_json") from error
    if not isinstance(found, dict):
        raise away("no_object")
    if status == HTTPStatus.BAD_REQUEST and found.get("error") == "invalid_grant":
        raise AnswerError("invalid_grant")
    if status != HTTPStatus.OK:
        raise away(f"status_{status}")
    return found


def away(why: str) -> IssuerAwayError:
    log.warning("issuer_not_usable", why=why)
    return IssuerAwayError()
