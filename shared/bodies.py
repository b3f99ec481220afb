"""Reading a request: its body within limits of size and time, its fields into a model."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.errors import DomainError, FieldError, InvalidError
from shared.forms import FormError, parse_form
from shared.models import Form, Nothing

Json: TypeAlias = dict[str, Any]
BODY_LIMIT: Final = 64 * 1024
BODY_SECONDS: Final = 10.0
FORM_MEDIA: Final = "application/x-www-form-urlencoded"
MOST_FLAWS: Final = 32
"""So many are told: a body of ten thousand unknown names gets no answer of a megabyte."""
_LONGEST_NAME: Final = 64


class MalformedError(DomainError):
    code = "malformed_body"
    detail = "The body must be one JSON object."


class MediaTypeError(DomainError):
    status = 415
    code = "unsupported_media_type"
    detail = "Send the body as application/json."


class MalformedFormError(DomainError):
    code = "malformed_form"
    detail = "The body must be a form in which no name comes twice."


class FormMediaTypeError(MediaTypeError):
    detail = "Send the body as application/x-www-form-urlencoded."


class TooLargeError(DomainError):
    status = 413
    code = "body_too_large"
    detail = "The body is larger than 64 KiB."


class TooSlowError(DomainError):
    status = 408
    code = "body_too_slow"
    detail = "The body did not arrive in time."


class BrokenError(DomainError):
    code = "body_broken"
    detail = "The body ended early, or is not coded as its Content-Encoding says."


async def read_raw(request: web.Request, seconds: float) -> bytes:
    """The body's bytes. A client that goes away in the middle of it is no failure of ours."""
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError as error:
        raise TooSlowError from error
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLargeError from error
    except (ConnectionError, web.RequestPayloadError) as error:
        raise BrokenError from error


async def read_body(kind: type[BaseModel], request: web.Request) -> BaseModel:
    """The body as this model. Raises what `read_raw` and `checked` raise, MediaTypeError for
    another media type; a GET or DELETE has none, whatever it sends.
    """
    if request.method in {"GET", "DELETE"}:
        return Nothing()
    raw = await read_raw(request, BODY_SECONDS)
    if issubclass(kind, Form):
        return _form(kind, raw, request)
    if raw and request.content_type != "application/json":
        raise MediaTypeError
    return checked(kind, raw or b"{}", "body")


def _form(kind: type[Form], raw: bytes, request: web.Request) -> BaseModel:
    if request.content_type != FORM_MEDIA:
        raise FormMediaTypeError
    try:
        return checked(kind, dict(parse_form(raw)), "body")
    except FormError as error:
        raise MalformedFormError from error


def checked(kind: type[BaseModel], raw: bytes | Json, where: str) -> BaseModel:
    """The model that this input makes; otherwise MalformedError or InvalidError, which repeat none
    of it. `where` it was in the request (`body` or `query`) begins the pointers to its flaws.
    """
    try:
        if isinstance(raw, dict):
            return kind.model_validate(raw)
        return kind.model_validate_json(raw)
    except ValidationError as error:
        flaws = error.errors(include_input=False, include_url=False)
        if any(
            flaw["type"] in {"json_invalid", "model_type"} and not flaw["loc"] for flaw in flaws
        ):
            raise MalformedError from error
        fields = [
            FieldError(pointer=_pointer(where, flaw["loc"]), code=flaw["type"], detail=said(flaw))
            for flaw in flaws[:MOST_FLAWS]
        ]
        raise InvalidError(fields=fields) from error


def said(flaw: ErrorDetails) -> str:
    """What is wrong; of a rule of our own its words alone, and never a regular expression."""
    if flaw["type"] == "value_error":
        return str(flaw["ctx"]["error"])
    if flaw["type"] == "string_pattern_mismatch":
        return "This is not of the form that is asked for."
    return flaw["msg"]


def _pointer(where: str, path: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901); of a name that somebody made up no more than its beginning."""
    parts = (str(part)[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1") for part in path)
    return "/".join((f"#/{where}", *parts))
